import { CodedError, type errors } from '../../runtime/errors.ts';
import type { ProducerRecord } from '../../client/index.ts';
import type { PositionedRow } from '../../postgres/index.ts';

export type OutboxErrorCode = keyof typeof errors.outbox;

/** A message cannot be written to the outbox or published from it. `code` says why. */
export class OutboxError extends CodedError<OutboxErrorCode> {
  override readonly name = 'OutboxError';
}

/**
 * A row of `outbox` before it has a position. Dead letters have null in the columns that do not
 * apply to them.
 */
export interface OutboxRow {
  readonly id: string;
  readonly topic: string;
  readonly key: string | null;
  readonly type: string | null;
  readonly source: string | null;
  readonly subject: string | null;
  readonly time: string | null;
  readonly dataschema: string | null;
  readonly correlationid: string | null;
  readonly causationid: string | null;
  readonly traceparent: string | null;
  readonly payload: string | null;
  /** Headers in addition to those from the columns. If a name occurs in both, these win. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * A larger record is rejected before it is written. A topic takes at most 1,048,588 bytes,
 * including the batch and its headers.
 */
export const messageBytesMax = 900_000;

const columns = [
  'key',
  'type',
  'source',
  'subject',
  'time',
  'dataschema',
  'correlationid',
  'causationid',
  'traceparent',
  'payload',
] as const;

/**
 * The maximum size of a header's two lengths in a record. In thousands of short headers the lengths
 * are larger than the text.
 */
const headerOverheadBytes = 10;

export const headerBytes = (name: string, value: string): number =>
  Buffer.byteLength(name) + Buffer.byteLength(value) + headerOverheadBytes;

/**
 * The bytes of the record that depend on its writer: text in UTF-8, and headers with their
 * overhead.
 */
export function bytesOf(row: OutboxRow): number {
  const fields = columns.reduce((sum, column) => sum + Buffer.byteLength(row[column] ?? ''), 0);
  return Object.entries(row.headers).reduce((sum, [name, value]) => sum + headerBytes(name, value), fields);
}

export function refuseOversize(row: OutboxRow): void {
  const bytes = bytesOf(row);
  if (bytes > messageBytesMax)
    throw new OutboxError(
      'message_too_large',
      `${row.topic}: ${row.type ?? 'a message'} has ${bytes} bytes, the limit is ${messageBytesMax}; ` +
        'send a reference to the content instead',
    );
}

export type StoredOutboxRow = PositionedRow & OutboxRow;

/** A record of the outbox, which is text throughout. */
export interface OutboxRecord extends ProducerRecord {
  readonly value: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Encodes a row as CloudEvents 1.0 in Kafka's binary mode. A row without a source is a dead letter,
 * whose headers are complete.
 */
export function toProducerRecord(row: OutboxRow): OutboxRecord {
  const headers = row.source === null ? row.headers : { ...cloudEventHeaders(row), ...row.headers };
  return { topic: row.topic, key: row.key, value: row.payload, headers };
}

function cloudEventHeaders(row: OutboxRow): Record<string, string> {
  const headers = {
    ce_specversion: '1.0',
    ce_id: row.id,
    ce_type: row.type,
    ce_source: row.source,
    ce_time: row.time,
    ce_subject: row.subject,
    ce_dataschema: row.dataschema,
    ce_correlationid: row.correlationid,
    ce_causationid: row.causationid,
    'content-type': 'application/json',
    traceparent: row.traceparent,
  };
  return Object.fromEntries(
    Object.entries(headers).filter((header): header is [string, string] => header[1] !== null),
  );
}
