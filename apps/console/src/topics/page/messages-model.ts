import type { MessageRow, MessagesPage, ShownMessage } from '../../api/topics.ts';
import { keptMax } from '../../kit/tail-model.ts';
import { count, many } from '../../kit/words.ts';

/** The results of all requests of one search. */
export interface Found extends MessagesPage {
  /** The number of found rows that the page does not keep. */
  readonly leftOut: number;
}

/** Adds the answer of a further request. The latest rows are kept. */
export function foundMore(before: Found | undefined, page: MessagesPage): Found {
  const { leftOut, ...sum } = before ?? { ...page, rows: [], scanned: 0, leftOut: 0 };
  const rows = [...sum.rows, ...page.rows].sort(byTime);
  const over = Math.max(0, rows.length - keptMax);
  const went = new Map(page.ranges.map((range) => [range.partition, range]));
  return {
    rows: rows.slice(over),
    scanned: sum.scanned + page.scanned,
    ranges: sum.ranges.map((range) => ({ ...range, ...went.get(range.partition), from: range.from })),
    next: page.next,
    leftOut: leftOut + over,
  };
}

const byTime = (one: MessageRow, other: MessageRow): number =>
  one.time < other.time ? -1 : one.time > other.time ? 1 : one.offset - other.offset;

const rangesShownMax = 6;

/** Describes exactly what was read, so that nobody mistakes a part for the whole. */
export function scannedSentence({ rows, scanned, ranges, leftOut }: Found): string {
  const read = ranges.filter(({ from, to }) => to > from);
  const places = read.map(
    ({ partition, from, to }) => `partition ${partition}: ${count(from)}–${count(to - 1)}`,
  );
  const range =
    read.length > rangesShownMax
      ? `of ${count(read.reduce((sum, { from, to }) => sum + to - from, 0))} offsets in ${read.length} partitions`
      : places.join(', ');
  const left = ranges.reduce((sum, { to, end }) => sum + Math.max(0, end - to), 0);
  return [
    `Scanned ${many(scanned, 'record')}${range === '' ? '' : ` (${range})`}, ${count(rows.length + leftOut)} found.`,
    left === 0 ? 'Nothing is left to scan.' : `${many(left, 'offset')} not scanned yet.`,
    leftOut === 0 ? '' : `The page keeps the last ${count(keptMax)}.`,
  ]
    .filter(Boolean)
    .join(' ');
}

/** Where a search begins, as the address has it in `from`. */
export function placeOf(from: string): {
  readonly kind: 'last' | 'beginning' | 'end' | 'offset' | 'time';
  readonly value: string;
} {
  if (from === 'beginning' || from === 'end') return { kind: from, value: '' };
  if (/^\d{1,18}$/.test(from)) return { kind: 'offset', value: from };
  if (/^\d{4}-/.test(from)) return { kind: 'time', value: from };
  return { kind: 'last', value: from.replace('-', '') || '50' };
}

/** Parses a JSON text. Returns undefined if it is not JSON. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Indents JSON. Text that would not be the same afterwards, such as large numbers, stays as it is. */
export function pretty(text: string): string {
  const value = valueOf(text);
  return JSON.stringify(value) === text ? JSON.stringify(value, undefined, 2) : text;
}

/** The command that shows the same message with kcat. */
export function kcatOf({ topic, row, raw, brokers }: ShownMessage): string {
  const unseen = raw.transaction === 'aborted' || raw.transaction === 'open';
  return [
    `kcat -C -e -b ${quoted(brokers)} -t ${quoted(topic)} -p ${row.partition} -o ${row.offset} -c 1`,
    unseen ? '-X isolation.level=read_uncommitted' : '',
    String.raw`-f '%T %k %h\n%s\n'`,
  ]
    .filter(Boolean)
    .join(' ');
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/**
 * Returns the message as one JSON document. A value that is JSON is included as it is on the log.
 */
export function jsonOf({ topic, row, event, headers, value }: ShownMessage): string {
  const { partition, offset, time, key } = row;
  const text = JSON.stringify({ topic, partition, offset, time, key, event, headers }, undefined, 2);
  const isJson = value !== null && valueOf(value) !== undefined;
  return `${text.slice(0, -2)},\n  "value": ${isJson ? value : JSON.stringify(value)}\n}`;
}

/**
 * The headers that are not attributes of an event. The values of a repeated header are on separate
 * lines.
 */
export function otherHeaders({ event, headers }: ShownMessage): Readonly<Record<string, string>> {
  const others = headers.filter(({ name }) => !(name.startsWith('ce_') && name.slice(3) in event));
  const byName = Map.groupBy(others, ({ name }) => name);
  return Object.fromEntries(
    [...byName].map(([name, same]) => [name, same.map(({ value }) => value ?? '(null)').join('\n')]),
  );
}
