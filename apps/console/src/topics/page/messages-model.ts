import type { MessageRow, MessagesPage, ScannedRange, ShownMessage } from '../../api/topics.ts';
import { keptMax } from '../../kit/tail-model.ts';
import { count, many } from '../../kit/words.ts';

/** What the requests of one search have found together. */
export interface Found {
  readonly rows: readonly MessageRow[];
  readonly scanned: number;
  readonly ranges: readonly ScannedRange[];
  readonly next: string | null;
  /** Rows that were found and that the page does not keep. */
  readonly leftOut: number;
}

/** Adds the answer of a further request. The rows that were found last stay. */
export function foundMore(before: Found | undefined, page: MessagesPage): Found {
  const rows = [...(before?.rows ?? []), ...page.rows].sort(byTime);
  const over = Math.max(0, rows.length - keptMax);
  const earlier = before?.ranges ?? [];
  const went = new Map(page.ranges.map((range) => [range.partition, range]));
  return {
    rows: rows.slice(over),
    scanned: (before?.scanned ?? 0) + page.scanned,
    ranges:
      before === undefined
        ? page.ranges
        : earlier.map((range) => ({ ...range, ...went.get(range.partition), from: range.from })),
    next: page.next,
    leftOut: (before?.leftOut ?? 0) + over,
  };
}

const byTime = (one: MessageRow, other: MessageRow): number =>
  one.time < other.time ? -1 : one.time > other.time ? 1 : one.offset - other.offset;

const rangesShownMax = 6;

/** Says exactly what was looked at, so that nobody takes a beginning for the whole. */
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

/** Indents JSON. Text that would not be the same afterwards, such as large numbers, stays as it is. */
export function pretty(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? JSON.stringify(value, undefined, 2) : text;
  } catch {
    return text;
  }
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

/** The message as one JSON document. A value that is JSON stands in it as it is on the log. */
export function jsonOf({ topic, row, event, headers, value }: ShownMessage): string {
  const { partition, offset, time, key } = row;
  const text = JSON.stringify({ topic, partition, offset, time, key, event, headers }, undefined, 2);
  return `${text.slice(0, -2)},\n  "value": ${value !== null && isJson(value) ? value : JSON.stringify(value)}\n}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
