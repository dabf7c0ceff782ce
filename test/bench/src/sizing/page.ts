import { topics } from '@millrace/contracts';
import { days } from '@millrace/streaming-core/runtime';
import type { TableSample } from './large-table.ts';
import type { Stored, StoredByName } from './stored-bytes.ts';
import { table } from '../report.ts';

/**
 * The largest number of days for which a table or topic keeps its data. Undefined means that it
 * grows for ever.
 */
function daysKept(name: string): number | undefined {
  if (Object.hasOwn(tableDays, name)) return tableDays[name];
  const declared = topics.find((topic) => topic.name === name);
  if (declared === undefined || declared.retention === 'unlimited') return undefined;
  return declared.retention / days(1);
}

/**
 * A day is dropped once the whole of it is past its retention, hence one day more than the
 * retention. Tables with 0 contain only unfinished work.
 */
const tableDays: Readonly<Record<string, number>> = {
  outbox: 2 + 1,
  inbox: 31 + 1,
  idempotency_key: 1,
  external_call: 0,
  saga_timer: 0,
};

export interface SizingFacts {
  readonly machine: string;
  readonly date: string;
  readonly command: string;
  /** The load average of the last minute, which shows whether the machine did other work. */
  readonly loadAverage: number;
  readonly orders: number;
  readonly rate: number;
}

export interface SizingResult {
  readonly tables: StoredByName;
  readonly topics: StoredByName;
  readonly samples: readonly TableSample[];
}

/** A table or topic with fewer bytes per order than this gets no line. */
const bytesMin = 20;
const monthDays = 30;
const yearDays = 365;

export function numbers({ tables, topics, samples }: SizingResult, facts: SizingFacts): string {
  const { date, machine, command, loadAverage, orders, rate } = facts;
  return [
    `${date}, ${machine}. \`${command}\`: ${orders} orders of one to three lines, ` +
      `every tenth compensated. Load average while it ran: ${loadAverage.toFixed(1)}.`,
    `Tables of all services together, at ${rate} orders per second:`,
    growth(tables, rate),
    `Topics, once (a copy on each broker that replicates):`,
    growth(topics, rate),
    'A table of events that grows, bytes per event, and ms of one request (median, 99 of 100):',
    sampleTable(samples),
  ].join('\n\n');
}

/** The bytes after this many days at this many orders per second. */
export function bytesAfter(name: string, { bytes, indexBytes }: Stored, rate: number, days: number): number {
  const kept = Math.min(days, daysKept(name) ?? days);
  return (bytes + indexBytes) * rate * 86_400 * kept;
}

function growth(stored: StoredByName, rate: number): string {
  const lines = [...stored]
    .filter(([, { bytes, indexBytes }]) => bytes + indexBytes >= bytesMin)
    .toSorted(([, one], [, other]) => other.bytes + other.indexBytes - one.bytes - one.indexBytes);
  const after = (days: number) => lines.map(([name, each]) => bytesAfter(name, each, rate, days));
  const month = after(monthDays);
  const year = after(yearDays);
  const rows = lines.map(([name, { bytes, indexBytes }], index) => [
    `\`${name}\``,
    Math.round(bytes),
    Math.round(indexBytes),
    keptInWords(daysKept(name)),
    gigabytes(month[index] ?? 0),
    gigabytes(year[index] ?? 0),
  ]);
  const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  const total = [
    'together',
    Math.round(sumOf(lines.map(([, { bytes }]) => bytes))),
    Math.round(sumOf(lines.map(([, { indexBytes }]) => indexBytes))),
    '',
    gigabytes(sumOf(month)),
    gigabytes(sumOf(year)),
  ];
  return table(
    ['name', 'bytes per order', 'and in indexes', 'kept, days', 'GB after a month', 'after a year'],
    [...rows, total],
  );
}

const keptInWords = (days: number | undefined): string => {
  if (days === undefined) return 'for ever';
  return days === 0 ? 'while under way' : String(days);
};

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0);

const sampleTable = (samples: readonly TableSample[]): string =>
  table(
    ['events', 'row', 'indexes', 'append', 'load a stream', 'read 500 on'],
    samples.map(({ events, heapBytes, indexBytes, appendMs, loadMs, followMs }) => [
      `${(events / 1e6).toFixed(1)} million`,
      Math.round(heapBytes / events),
      Math.round(Object.values(indexBytes).reduce((sum, bytes) => sum + bytes, 0) / events),
      ...[appendMs, loadMs, followMs].map(([median, most]) => `${median.toFixed(1)}, ${most.toFixed(1)}`),
    ]),
  );
