import type { MessageRow } from '../../api/topics.ts';
import { Lines, type Cells } from '../../kit/lines.tsx';
import { queryOf, withQuery } from '../../kit/router.ts';
import { Status } from '../../kit/status.tsx';
import { bytes, exactTime } from '../../kit/words.ts';
import { MessageDetail } from './message-detail.tsx';

/** Messages as lines, and beside them the one that is open. Whatever they contain is shown as text. */
export function MessageList({
  topic,
  rows,
  raw = false,
}: {
  readonly topic: string;
  readonly rows: readonly MessageRow[];
  readonly raw?: boolean;
}) {
  const open = queryOf('open');
  return (
    <div class={open === '' ? 'messages' : 'messages split'}>
      <Lines
        label="messages"
        kind={raw ? 'of-messages raw' : 'of-messages'}
        rows={rows}
        columns={raw ? rawColumns : plainColumns}
        keyOf={placeOfRow}
        hrefOf={(row) => (row.raw?.control == null ? withQuery({ open: placeOfRow(row) }) : undefined)}
        open={open}
      />
      {open !== '' && <MessageDetail topic={topic} place={open} />}
    </div>
  );
}

const placeOfRow = ({ partition, offset }: MessageRow): string => `${partition}:${offset}`;

const quiet = (text: string) => <em class="quiet">{text}</em>;

const placeColumns: Cells<MessageRow> = [
  ['Time (UTC)', ({ time }) => <time title={time}>{exactTime(time)}</time>],
  ['Partition @ offset', ({ partition, offset }) => `${partition} @ ${offset}`],
];
const contentColumns: Cells<MessageRow> = [
  ['Key', ({ key }) => key ?? quiet('no key')],
  ['Type', ({ type }) => type ?? quiet('–')],
  ['Value', ({ line }) => (line === null ? quiet('tombstone') : <code>{line}</code>)],
];
const plainColumns: Cells<MessageRow> = [...placeColumns, ...contentColumns];
const rawColumns: Cells<MessageRow> = [
  ...placeColumns,
  [
    'Batch',
    ({ raw }) =>
      raw && (
        <span title={`leader epoch ${raw.leaderEpoch}, codec ${raw.codec}`}>
          {raw.baseOffset}–{raw.lastOffset}, {bytes(raw.batchBytes)}
        </span>
      ),
  ],
  [
    'Producer',
    ({ raw }) =>
      raw === undefined || raw.producerId === '-1'
        ? quiet('none')
        : `${raw.producerId}, epoch ${raw.producerEpoch}`,
  ],
  ['Sequence', ({ raw }) => (raw === undefined || raw.sequence < 0 ? quiet('–') : raw.sequence)],
  [
    'Transaction',
    ({ raw }) => {
      if (raw === undefined || (raw.control === null && raw.transaction === 'none')) return quiet('–');
      return <Status of={raw.control === null ? raw.transaction : `${raw.control}_marker`} />;
    },
  ],
  ['Key', ({ key, raw }) => (raw?.control == null ? (key ?? quiet('no key')) : quiet('control batch'))],
  ['Type', ({ type, line, raw }) => type ?? quiet(raw?.control == null && line === null ? 'tombstone' : '–')],
];
