import type { ShownMessage } from '../../api/topics.ts';
import { useAnswer } from '../../kit/answer.ts';
import { CopyButton } from '../../kit/copy-button.tsx';
import { JsonView } from '../../kit/json-view.tsx';
import { pathTo } from '../../kit/paths.ts';
import { withQuery } from '../../kit/router.ts';
import { Loading } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import { bytes, count } from '../../kit/words.ts';
import { jsonOf, kcatOf, pretty } from './messages-model.ts';

/** One message: its value, its headers, its attributes as an event, and how the log stores it. */
export function MessageDetail({ topic, place }: { readonly topic: string; readonly place: string }) {
  const path = pathTo('api', 'topics', 'message', topic, ...place.split(':'));
  const { answer: message, problem } = useAnswer<ShownMessage>(path).value;
  return (
    <aside class="message-detail" aria-label="the open message">
      <header>
        <h3>{place.replace(':', ' @ ')}</h3>
        <a href={withQuery({ open: undefined })}>Close</a>
      </header>
      {problem !== undefined && <p class="problem">{problem.message}</p>}
      {message === undefined ? problem === undefined && <Loading rows={8} /> : <Content message={message} />}
    </aside>
  );
}

function Content({ message }: { readonly message: ShownMessage }) {
  const { row, raw, event, headers, value, valueBytes, isCut } = message;
  const correlationId = event['correlationid'];
  const others = headers.filter(({ name }) => !(name.startsWith('ce_') && name.slice(3) in event));
  return (
    <>
      <p class="buttons">
        {!isCut && <CopyButton label="Copy as JSON" text={() => jsonOf(message)} />}
        <CopyButton label="Copy as kcat command" text={() => kcatOf(message)} />
        {correlationId !== undefined && (
          <a class="button" href={pathTo('trace', correlationId)}>
            Show its trace
          </a>
        )}
      </p>
      <Pairs
        title="Record"
        pairs={[
          ['Time', row.time],
          ['Key', row.key ?? '(no key)'],
        ]}
      />
      <h4>
        Value <span class="quiet">{value === null ? '' : bytes(valueBytes)}</span>
      </h4>
      {value === null ? (
        <p>A tombstone: it says that its key was deleted.</p>
      ) : (
        <JsonView value={pretty(value)} />
      )}
      {isCut && (
        <p class="stale">
          These are the first {count(value?.length ?? 0)} characters. The kcat command shows the whole of it.
        </p>
      )}
      <Pairs title="CloudEvents attributes" pairs={Object.entries(event)} />
      <Pairs title="Other headers" pairs={others.map(({ name, value: text }) => [name, text ?? '(null)'])} />
      <h4>On the log {raw.transaction !== 'none' && <Status of={raw.transaction} />}</h4>
      <Pairs
        pairs={[
          ['Batch', `${raw.baseOffset}–${raw.lastOffset}, ${bytes(raw.batchBytes)}, codec ${raw.codec}`],
          ['Leader epoch', String(raw.leaderEpoch)],
          [
            'Producer',
            raw.producerId === '-1'
              ? 'none'
              : `${raw.producerId}, epoch ${raw.producerEpoch}, sequence ${raw.sequence}`,
          ],
        ]}
      />
    </>
  );
}

function Pairs({
  title,
  pairs,
}: {
  readonly title?: string;
  readonly pairs: ReadonlyArray<readonly [name: string, value: string]>;
}) {
  if (pairs.length === 0) return null;
  return (
    <>
      {title !== undefined && <h4>{title}</h4>}
      <dl class="pairs">
        {pairs.map(([name, value], index) => (
          <div key={index}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
