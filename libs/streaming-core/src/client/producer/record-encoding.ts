import { ClientError } from '../client-error.ts';
import type { ProducerRecord } from '../types.ts';

/** An encoded record. It has a partition only if the caller chose one. */
export interface EncodedRecord {
  readonly topic: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: ReadonlyMap<Buffer, Buffer>;
  readonly partition: number | undefined;
  readonly timestampMs: number;
  /** The bytes of key, value and headers. */
  readonly contentBytes: number;
  /** An upper bound of the bytes that the record takes in a batch. */
  readonly sizeBytes: number;
}

/**
 * The largest overhead of a record in format v2: its length, attributes, timestamp delta and offset
 * delta, the lengths of key and value, and the header count.
 */
const overheadBytes = 40;
const headerOverheadBytes = 10;
const loneSurrogate = /\p{Surrogate}/u;
const topicName = /^[a-zA-Z0-9._-]{1,249}$/;

/**
 * Validates and encodes a record. Throws `record_invalid` or `record_too_large` with the index of
 * the record in the array.
 */
export function encodeRecord(
  record: ProducerRecord,
  index: number,
  now: number,
  recordBytesMax: number,
): EncodedRecord {
  const fail = (reason: string) =>
    new ClientError('record_invalid', `record ${index} of topic ${String(record?.topic)}: ${reason}`);
  if (typeof record !== 'object' || record === null) throw fail('is not an object');
  if (typeof record.topic !== 'string' || !topicName.test(record.topic))
    throw fail('the topic is not a valid name');
  const key = encodeText(record.key, 'key', fail);
  const value = encodeText(record.value, 'value', fail);
  const headers = encodeHeaders(record.headers ?? {}, fail);
  const partition = naturalOrAbsent(record.partition, 'partition', fail);
  const timestampMs = naturalOrAbsent(record.timestampMs, 'timestampMs', fail) ?? now;
  const contentBytes = (key?.length ?? 0) + (value?.length ?? 0) + headersSize(headers);
  const sizeBytes = overheadBytes + contentBytes + headerOverheadBytes * headers.size;
  if (sizeBytes > recordBytesMax)
    throw new ClientError(
      'record_too_large',
      `record ${index} of topic ${record.topic} takes ${sizeBytes} bytes, ` +
        `over the limit of ${recordBytesMax}: send a reference to the data instead`,
    );
  return { topic: record.topic, key, value, headers, partition, timestampMs, contentBytes, sizeBytes };
}

type Fail = (reason: string) => ClientError;

/**
 * Rejects lone surrogates. They have no UTF-8 encoding, so different keys would become the same
 * bytes.
 */
function encodeText(text: string | null, field: string, fail: Fail): Buffer | null {
  if (text === null) return null;
  if (typeof text !== 'string') throw fail(`${field} has type ${typeof text}, but must be a string or null`);
  if (loneSurrogate.test(text)) throw fail(`${field} contains half of a surrogate pair`);
  return Buffer.from(text, 'utf8');
}

function encodeHeaders(headers: Readonly<Record<string, string>>, fail: Fail): ReadonlyMap<Buffer, Buffer> {
  if (typeof headers !== 'object' || headers === null) throw fail('headers are not an object');
  const encoded = new Map<Buffer, Buffer>();
  for (const [name, text] of Object.entries(headers)) {
    const value = encodeText(text, `header ${name}`, fail);
    if (value === null) throw fail(`header ${name} is null`);
    encoded.set(Buffer.from(name, 'utf8'), value);
  }
  return encoded;
}

function headersSize(headers: ReadonlyMap<Buffer, Buffer>): number {
  let size = 0;
  for (const [name, value] of headers) size += name.length + value.length;
  return size;
}

function naturalOrAbsent(value: number | undefined, field: string, fail: Fail): number | undefined {
  if (value === undefined) return undefined;
  if (!Number.isSafeInteger(value) || value < 0) throw fail(`${field} is not a whole number of at least 0`);
  return value;
}
