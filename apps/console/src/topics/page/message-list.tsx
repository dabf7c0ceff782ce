import type { ComponentChildren } from 'preact';
import type { MessageRow, ShownMessage } from '../../api/topics.ts';
import { useAnswer } from '../../kit/answer.ts';
import { CopyButton } from '../../kit/copy-button.tsx';
import { JsonView } from '../../kit/json-view.tsx';
import { Lines, type Cells } from '../../kit/lines.tsx';
import { pathTo } from '../../kit/paths.ts';
import { queryOf, withQuery } from '../../kit/router.ts';
import { Facts, Loading, Problem } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import { bytes, count, exactTime } from '../../kit/words.ts';
import { jsonOf, kcatOf, otherHeaders, pretty } from './messages-model.ts';

interface MessageListProps {
  readonly topic: string;
  readonly rows: readonly MessageRow[];
  readonly raw?: boolean;
}

/** Messages as lines, and next to them the open one. Whatever they contain is shown as text. */
export function MessageList({ topic, rows, raw = false }: MessageListProps) {
  const open = queryOf('open');
  return (
    <div class={open === '' ? 'messages' : 'messages split'}>
      <Lines
        label="messages"
        kind={raw ? 'of-messages raw' : 'of-messages'}
        rows={rows}
        columns={raw ? rawColumns : plainColumns}
        keyOf={placeOf}
        hrefOf={(row) => (isMarker(row) ? undefined : withQuery({ open: placeOf(row) }))}
        open={open}
      />
      {open !== '' && <MessageDetail topic={topic} place={open} />}
    </div>
  );
}

const placeOf = ({ partition, offset }: MessageRow): string => `${partition}:${offset}`;
const isMarker = ({ raw }: MessageRow): boolean => raw?.control != null;

const quiet = (text: string) => <em class="quiet">{text}</em>;

const placeColumns: Cells<MessageRow> = [
  ['Time (UTC)', ({ time }) => <time title={time}>{exactTime(time)}</time>],
  ['Partition @ offset', ({ partition, offset }) => `${partition} @ ${offset}`],
];
const plainColumns: Cells<MessageRow> = [
  ...placeColumns,
  ['Key', ({ key }) => key ?? quiet('no key')],
  ['Type', ({ type }) => type ?? quiet('–')],
  ['Value', ({ line }) => (line === null ? quiet('tombstone') : <code>{line}</code>)],
];
const rawColumns: Cells<MessageRow> = [
  ...placeColumns,
  ['Batch', batchOf],
  ['Producer', producerOf],
  ['Sequence', ({ raw }) => (raw === undefined || raw.sequence < 0 ? quiet('–') : raw.sequence)],
  ['Transaction', transactionOf],
  ['Key', (row) => (isMarker(row) ? quiet('control batch') : (row.key ?? quiet('no key')))],
  ['Type', (row) => row.type ?? quiet(!isMarker(row) && row.line === null ? 'tombstone' : '–')],
];

function batchOf({ raw }: MessageRow) {
  if (raw === undefined) return undefined;
  return (
    <span title={`leader epoch ${raw.leaderEpoch}, codec ${raw.codec}`}>
      {raw.baseOffset}–{raw.lastOffset}, {bytes(raw.batchBytes)}
    </span>
  );
}

function producerOf({ raw }: MessageRow) {
  if (raw === undefined || raw.producerId === '-1') return quiet('none');
  return `${raw.producerId}, epoch ${raw.producerEpoch}`;
}

function transactionOf({ raw }: MessageRow) {
  if (raw === undefined || (raw.control === null && raw.transaction === 'none')) return quiet('–');
  return <Status of={raw.control === null ? raw.transaction : `${raw.control}_marker`} />;
}

/** One message: its value, its headers, its attributes as an event, and how the log stores it. */
function MessageDetail({ topic, place }: { readonly topic: string; readonly place: string }) {
  const path = pathTo('api', 'topics', 'message', topic, ...place.split(':'));
  const { answer: message, problem } = useAnswer<ShownMessage>(path).value;
  return (
    <aside class="message-detail" aria-label="the open message">
      <header>
        <h3>{place.replace(':', ' @ ')}</h3>
        <a href={withQuery({ open: undefined })}>Close</a>
      </header>
      <Problem says={problem?.message} />
      {message === undefined ? problem === undefined && <Loading rows={8} /> : <Content message={message} />}
    </aside>
  );
}

function Content({ message }: { readonly message: ShownMessage }) {
  const { row, raw, event, value, valueBytes, isCut } = message;
  const producer = `${raw.producerId}, epoch ${raw.producerEpoch}, sequence ${raw.sequence}`;
  return (
    <>
      <p class="buttons">
        {!isCut && <CopyButton label="Copy as JSON" text={() => jsonOf(message)} />}
        <CopyButton label="Copy as kcat command" text={() => kcatOf(message)} />
        {event['correlationid'] !== undefined && (
          <a class="button" href={pathTo('trace', event['correlationid'])}>
            Show its trace
          </a>
        )}
      </p>
      <Section title="Record" of={{ Time: row.time, Key: row.key ?? '(no key)' }} />
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
      <Section title="CloudEvents attributes" of={event} />
      <Section title="Other headers" of={otherHeaders(message)} />
      <Section
        title={<>On the log {raw.transaction !== 'none' && <Status of={raw.transaction} />}</>}
        of={{
          Batch: `${raw.baseOffset}–${raw.lastOffset}, ${bytes(raw.batchBytes)}, codec ${raw.codec}`,
          'Leader epoch': raw.leaderEpoch,
          Producer: raw.producerId === '-1' ? 'none' : producer,
        }}
      />
    </>
  );
}

interface SectionProps {
  readonly title: ComponentChildren;
  readonly of: Readonly<Record<string, string | number>>;
}

const Section = ({ title, of: facts }: SectionProps) =>
  Object.keys(facts).length > 0 && (
    <>
      <h4>{title}</h4>
      <Facts class="pairs" of={facts} />
    </>
  );
