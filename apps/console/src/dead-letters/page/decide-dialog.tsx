import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Decided } from '../../api/dead-letters.ts';
import { ActDialog } from '../../kit/act-dialog.tsx';
import { postJson } from '../../kit/session.ts';
import { decidedIn, foreseen, refusedIn, type Decision, type LetterFilter } from './letters-model.ts';

const explanations: Readonly<Record<Decision, string>> = {
  redrive:
    'The message goes to its topic again with its id, so that only the group that gave it up handles it. It comes back as a new dead letter if it fails again.',
  discard: 'Nobody handles the message any more. The letter stays in the history of decisions.',
};

const names: Readonly<Record<Decision, string>> = { redrive: 'Redrive', discard: 'Discard' };

/** Asks what would happen, once. */
function useDryRun(path: string, order: object) {
  const found = useSignal<Decided | undefined>(undefined);
  const problem = useSignal('');
  useEffect(() => {
    postJson<Decided>(path, order).then(
      (decided) => (found.value = decided),
      (error: Error) => (problem.value = error.message),
    );
  }, []);
  return { found: found.value, problem: problem.value };
}

interface DryRunProps {
  readonly decision: Decision;
  readonly dryRun: ReturnType<typeof useDryRun>;
}

function DryRun({ decision, dryRun: { found, problem } }: DryRunProps) {
  return (
    <div class="dry-run" role="status">
      <strong>What would happen</strong>
      {problem !== '' ? (
        <p>{problem}</p>
      ) : found === undefined ? (
        <p class="quiet">A dry run asks the services …</p>
      ) : (
        <>
          <p>{foreseen(found, decision)}.</p>
          {refusedIn(found).map((sentence) => (
            <p key={sentence}>Refused: {sentence}.</p>
          ))}
          {found.edited.length > 0 && <p>Changed: {found.edited.join(', ')}.</p>}
        </>
      )}
    </div>
  );
}

/** Decides about one letter, after a dry run. */
export function DecideOne({
  service,
  id,
  decision,
  value,
  close,
}: {
  readonly service: string;
  readonly id: string;
  readonly decision: Decision;
  /** Is sent instead of the value of the letter. */
  readonly value?: object | undefined;
  readonly close: () => void;
}) {
  const place = [service, id].map(encodeURIComponent).join('/');
  const dryRun = useDryRun(`/api/dead-letters/try/${place}`, { decision, value });
  return (
    <ActDialog
      title={
        value === undefined ? `${names[decision]} this letter` : 'Redrive this letter with the edited value'
      }
      explanation={explanations[decision]}
      confirm={names[decision]}
      act={async (signed) => {
        const decided = await postJson<Decided>(`/api/dead-letters/decide/${place}`, {
          ...signed,
          decision,
          value,
        });
        const [refused] = refusedIn(decided);
        if (refused !== undefined) throw new Error(refused);
      }}
      ready={dryRun.found !== undefined && decidedIn(dryRun.found) > 0}
      close={close}
    >
      <DryRun decision={decision} dryRun={dryRun} />
    </ActDialog>
  );
}

/** Decides about all letters of a filter, also about those that are not shown, after a dry run. */
export function DecideMany({
  filter,
  decision,
  close,
}: {
  readonly filter: LetterFilter;
  readonly decision: Decision;
  readonly close: () => void;
}) {
  const perSecond = useSignal(20);
  const dryRun = useDryRun('/api/dead-letters/try-many', { decision, filter });
  return (
    <ActDialog
      title={`${names[decision]} every open letter of this filter`}
      explanation={`${explanations[decision]} You see the progress, and can stop it.`}
      confirm={`${names[decision]} all`}
      act={(signed) =>
        postJson('/api/dead-letters/decide-many', {
          ...signed,
          decision,
          filter,
          perSecond: perSecond.value,
        })
      }
      ready={dryRun.found !== undefined && (decidedIn(dryRun.found) > 0 || dryRun.found.more)}
      close={close}
    >
      <DryRun decision={decision} dryRun={dryRun} />
      <label>
        Letters a second, at most
        <input
          type="number"
          required
          min={1}
          max={1_000}
          value={perSecond.value}
          onInput={({ currentTarget }) => (perSecond.value = currentTarget.valueAsNumber)}
        />
      </label>
    </ActDialog>
  );
}
