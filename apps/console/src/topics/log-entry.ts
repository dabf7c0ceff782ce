import { batchFactsOf, textOf } from '@millrace/operations/client';
import type { FetchedRecord, FetchPosition, OpenLogReader, RawBatch } from '@millrace/streaming-core/client';
import type { MessageRow, RawFacts } from '../api/topics.ts';
import { withNumbers } from '../api/with-numbers.ts';
import type { FetchedEntries } from './scan.ts';

/** A record or a transaction marker. */
export interface LogEntry {
  readonly partition: number;
  readonly offset: bigint;
  /** The record; absent for a marker. */
  readonly record?: FetchedRecord;
  /** The batch in which the log stores it. Absent in the view of consumers. */
  readonly batch?: RawBatch;
}

export interface RecordEntry extends LogEntry {
  readonly record: FetchedRecord;
}

export const entryOf = (record: FetchedRecord, batch?: RawBatch): RecordEntry => ({
  partition: record.partition,
  offset: record.offset,
  record,
  ...(batch !== undefined && { batch }),
});

/** Returns the entries of a batch. A batch that compaction has emptied has none. */
const entriesOf = (partition: number, batch: RawBatch): readonly LogEntry[] =>
  batch.isControl
    ? [{ partition, offset: batch.baseOffset, batch }]
    : batch.records.map((record) => entryOf(record, batch));

type Fetched<Entry> = Promise<readonly FetchedEntries<Entry>[]>;
type From = readonly FetchPosition[];

/** Fetches the records that consumers see. */
export const fetchMessages = async (reader: OpenLogReader, from: From): Fetched<RecordEntry> =>
  (await reader.fetch(from)).map((page) => ({ ...page, entries: page.records.map((one) => entryOf(one)) }));

/** Fetches everything that is on the log. */
export const fetchRaw = async (reader: OpenLogReader, from: From): Fetched<LogEntry> =>
  (await reader.fetchRaw(from)).map((page) => ({
    ...page,
    entries: page.batches.flatMap((batch) => entriesOf(page.partition, batch)),
  }));

/** The conditions for showing a message. An absent field matches every message. */
export interface MessageFilter {
  readonly key?: string | undefined;
  readonly type?: string | undefined;
  readonly correlationId?: string | undefined;
  /** A part of the value, in upper or lower case. */
  readonly text?: string | undefined;
}

/**
 * Returns a function that tells whether an entry matches. It tests the cheap conditions first,
 * since most records do not match. A transaction marker matches only if there is no condition on
 * the contents.
 */
export function filterOf(filter: MessageFilter): (entry: { readonly record?: FetchedRecord }) => boolean {
  const { key, type, correlationId } = filter;
  const text = filter.text?.toLowerCase();
  const isAnything = [key, type, correlationId, text].every((wanted) => wanted === undefined);
  return ({ record }) =>
    isAnything ||
    (record !== undefined &&
      (key === undefined || (record.key !== null && textOf(record.key) === key)) &&
      (correlationId === undefined || record.headers.get('ce_correlationid') === correlationId) &&
      (type === undefined || typeOf(record) === type) &&
      (text === undefined || record.value?.toString('utf8').toLowerCase().includes(text) === true));
}

const lineCharactersMax = 240;
/** Enough bytes for a line of any characters. */
const lineBytesMax = 4 * lineCharactersMax;

export const rowOf = ({ partition, offset, record, batch }: LogEntry): MessageRow => ({
  partition,
  offset: Number(offset),
  time: timeOf(record?.timestampMs ?? (batch?.isControl ? batch.marker?.timestampMs : undefined)),
  key: record?.key == null ? null : textOf(record.key).slice(0, lineCharactersMax),
  type: record === undefined ? null : typeOf(record),
  line: record?.value == null ? null : lineOf(record.value),
  ...(batch !== undefined && { raw: rawFactsOf(batch, offset) }),
});

const timeOf = (timestampMs: number | undefined): string =>
  timestampMs === undefined ? '' : new Date(timestampMs).toISOString();

/**
 * Returns the beginning of a value as text. If the cut splits a character, that character is left
 * out.
 */
function lineOf(value: Buffer): string {
  if (value.length <= lineBytesMax) return textOf(value).slice(0, lineCharactersMax);
  const text = value.toString('utf8', 0, lineBytesMax).replace(/\uFFFD{1,3}$/, '');
  const line = text.includes('\uFFFD') ? `base64:${value.toString('base64', 0, lineBytesMax)}` : text;
  return line.slice(0, lineCharactersMax);
}

export function rawFactsOf(batch: RawBatch, offset: bigint): RawFacts {
  const { producerId, ...facts } = batchFactsOf(batch, offset);
  return {
    ...withNumbers(facts),
    producerId: String(producerId),
    control: batch.isControl ? (batch.marker?.type ?? 'unknown') : null,
    transaction: batch.isControl ? 'none' : batch.transaction,
  };
}

/** The size up to which a value without event headers is parsed for its type. */
const parsedBytesMax = 64 * 1024;
const openingBrace = '{'.charCodeAt(0);

/** The type of an event: from its header, or else the field `type` of its value. */
function typeOf({ headers, value }: Pick<FetchedRecord, 'headers' | 'value'>): string | null {
  const named = headers.get('ce_type');
  if (named !== undefined) return named;
  if (value === null || value[0] !== openingBrace || value.length > parsedBytesMax) return null;
  try {
    const { type } = JSON.parse(value.toString('utf8')) as { readonly type?: unknown };
    return typeof type === 'string' ? type : null;
  } catch {
    return null;
  }
}
