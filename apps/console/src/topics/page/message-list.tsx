import type { MessageRow } from '../../api/topics.ts';
import { Lines, type Cells } from '../../kit/lines.tsx';
import { queryOf, withQuery } from '../../kit/router.ts';
import { Status } from '../../kit/status.tsx';
import { bytes, exactTime } from '../../kit/words.ts';
import { MessageDetail } from './message-detail.tsx';

interface MessageListProps {
  readonly topic: string;
  readonly rows: readonly MessageRow[];
  readonly raw?: boolean;
}

/** Messages as lines, and beside them the one that is open. Whatever they contain is shown as text. */
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
