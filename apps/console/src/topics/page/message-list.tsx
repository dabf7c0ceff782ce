import type { MessageRow } from '../../api/topics.ts';
import { queryOf, withQuery } from '../../kit/router.ts';
import { Status } from '../../kit/status.tsx';
import { Windowed } from '../../kit/windowed.tsx';
import { bytes } from '../../kit/words.ts';
import { exactTime } from './messages-model.ts';
import { MessageDetail } from './message-detail.tsx';

const rowHeight = 32;
const heightMax = 560;

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
  const columns = raw ? rawColumns : plainColumns;
  return (
    <div class={open === '' ? 'messages' : 'messages split'}>
      <div class={raw ? 'message-list raw' : 'message-list'}>
        <div class="message head" aria-hidden="true">
          {columns.map(([name]) => (
            <span key={name}>{name}</span>
          ))}
        </div>
        <Windowed label="messages" rows={rows} rowHeight={rowHeight} heightMax={heightMax}>
          {(row) => {
            const place = `${row.partition}:${row.offset}`;
            return (
              <Line key={place} row={row} place={place} isOpen={place === open}>
                {columns.map(([name, cell]) => (
                  <span key={name}>{cell(row)}</span>
                ))}
              </Line>
            );
          }}
        </Windowed>
      </div>
      {open !== '' && <MessageDetail topic={topic} place={open} />}
    </div>
  );
}

/** A marker has no content to open. */
function Line({
  row,
  place,
  isOpen,
  children,
}: {
  readonly row: MessageRow;
  readonly place: string;
  readonly isOpen: boolean;
  readonly children: preact.ComponentChildren;
}) {
  if (row.raw?.control != null) return <div class="message marker">{children}</div>;
  return (
    <a class="message" href={withQuery({ open: place })} aria-current={isOpen ? 'true' : undefined}>
      {children}
    </a>
  );
}

type Cells = ReadonlyArray<readonly [name: string, cell: (row: MessageRow) => preact.ComponentChildren]>;

const quiet = (text: string) => <em class="quiet">{text}</em>;

const placeColumns: Cells = [
  ['Time (UTC)', ({ time }) => <time title={time}>{exactTime(time)}</time>],
  ['Partition @ offset', ({ partition, offset }) => `${partition} @ ${offset}`],
];
const contentColumns: Cells = [
  ['Key', ({ key }) => key ?? quiet('no key')],
  ['Type', ({ type }) => type ?? quiet('–')],
  ['Value', ({ line }) => (line === null ? quiet('tombstone') : <code>{line}</code>)],
];
const plainColumns: Cells = [...placeColumns, ...contentColumns];
const rawColumns: Cells = [
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
