import type { JobView } from '../../api/jobs.ts';
import { Time, now } from '../../kit/clock.tsx';
import { postJson } from '../../kit/session.ts';
import { count } from '../../kit/words.ts';

/** How long a job is shown after its end. */
const shownMs = 600_000;

/** The jobs that are running or have ended lately. */
export function RunningJobs({ jobs }: { readonly jobs: readonly JobView[] }) {
  const recent = jobs.filter(({ endedAt }) => endedAt === null || now.value - Date.parse(endedAt) < shownMs);
  if (recent.length === 0) return null;
  return (
    <section class="jobs" aria-label="acts on many things" aria-live="polite">
      {recent.map((job) => (
        <Job key={job.id} job={job} />
      ))}
    </section>
  );
}

function Job({ job }: { readonly job: JobView }) {
  const { title, state, acted, refused, refusals, total, failure, startedAt, reason, actor } = job;
  const done = total === null ? count(acted) : `${count(acted)} of ${count(total)}`;
  return (
    <div class={`job ${state}`}>
      <strong>{title}</strong>
      <span>{refused > 0 ? `${done} done, ${count(refused)} refused` : `${done} done`}</span>
      {total !== null && <progress max={Math.max(total, 1)} value={acted + refused} aria-label={title} />}
      <span class="quiet">
        {state}, {actor}: {reason}, <Time at={startedAt} />
      </span>
      {failure !== null && <span class="problem">{failure}</span>}
      {refusals[0] !== undefined && <span class="quiet">{refusals[0]}</span>}
      {state === 'running' && (
        <button type="button" onClick={() => void postJson(`/api/jobs/${job.id}/stop`, {})}>
          Stop
        </button>
      )}
    </div>
  );
}
