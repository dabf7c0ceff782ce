import { ClientError } from '../errors/client-error.ts';
import { shown } from '../connection/options.ts';
import type { ProducerRecord, ProducerHeader, ProducerHeaders } from '../producer-types.ts';

/** The name and the value of a header. */
type EncodedHeader = readonly [Buffer, Buffer | null];

/**
 * An encoded record. It has a partition only if the caller chose one. Bytes that the caller gave are
 * still the caller's: they are copied into a batch or by `ownedRecord` before the call returns.
 */
export interface EncodedRecord {
  /** The place of the record in its call. */
  readonly index: number;
  readonly topic: string;
  readonly key: Buffer | null;
  /** Text becomes bytes only in its batch, which saves a copy. */
  readonly value: Buffer | string | null;
  /** The bytes of the value, which are 0 if it is null. */
  readonly valueBytes: number;
  readonly headers: readonly EncodedHeader[];
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
  if (typeof record !== 'object' || record === null)
    throw fail(`it is ${shown(record)}, not an object: give one with topic, key and value`);
  if (typeof record.topic !== 'string' || !topicName.test(record.topic))
    throw fail(
      `the topic is ${shown(record.topic)}, not a valid name: ` +
        'give 1 to 249 letters, digits, dots, underscores and hyphens',
    );
  const key = encodeField(record.key, 'key', fail);
  const { value: given } = record;
  const value =
    typeof given === 'string' ? wellFormed(given, 'value', fail) : encodeField(given, 'value', fail);
  const valueBytes = typeof value === 'string' ? Buffer.byteLength(value) : (value?.length ?? 0);
  const headers = encodeHeaders(record.headers ?? [], fail);
  const partition = naturalOrAbsent(record.partition, 'partition', fail);
  const timestampMs = naturalOrAbsent(record.timestampMs, 'timestampMs', fail) ?? now;
  const contentBytes = (key?.length ?? 0) + valueBytes + headersSize(headers);
  const sizeBytes = overheadBytes + contentBytes + headerOverheadBytes * headers.length;
  if (sizeBytes > recordBytesMax)
    throw new ClientError(
      'record_too_large',
      `record ${index} of topic ${record.topic} takes ${sizeBytes} bytes, ` +
        `over the limit of ${recordBytesMax}: send a reference to the data instead`,
    );
  const { topic } = record;
  return { index, topic, key, value, valueBytes, headers, partition, timestampMs, contentBytes, sizeBytes };
}

/** Returns the record with bytes of its own, so that the caller may change what it gave. */
export const ownedRecord = (record: EncodedRecord): EncodedRecord => ({
  ...record,
  key: copied(record.key),
  value: typeof record.value === 'string' ? record.value : copied(record.value),
  headers: record.headers.map(([name, content]) => [name, copied(content)]),
});

const copied = (bytes: Buffer | null): Buffer | null => bytes && Buffer.from(bytes);

type Fail = (reason: string) => ClientError;

function encodeField(content: string | Uint8Array | null, field: string, fail: Fail): Buffer | null {
  if (content === null) return null;
  if (Buffer.isBuffer(content)) return content;
  if (content instanceof Uint8Array)
    return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (typeof content !== 'string')
    throw fail(
      `${field} has type ${typeof content}, but must be a string, a Uint8Array or null: ` +
        'give, for instance, JSON.stringify(...) or String(...)',
    );
  return Buffer.from(wellFormed(content, field, fail), 'utf8');
}

/**
 * Rejects lone surrogates in text: they have no UTF-8 encoding, so different keys would become the
 * same bytes.
 */
function wellFormed(content: string, field: string, fail: Fail): string {
  if (!content.isWellFormed()) throw fail(`${field} contains half of a surrogate pair`);
  return content;
}

function encodeHeaders(headers: ProducerHeaders, fail: Fail): readonly EncodedHeader[] {
  if (typeof headers !== 'object' || headers === null || (Symbol.iterator in headers && !isList(headers)))
    throw fail(
      `headers are neither an object nor a list of pairs, but ${shown(headers)}: give { name: 'value' }`,
    );
  const pairs: readonly ProducerHeader[] = isList(headers) ? headers : Object.entries(headers);
  if (pairs.length === 0) return noHeaders;
  return pairs.map((pair, index) => {
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string')
      throw fail(`header ${index} is not a pair of a name and a value: give ['name', 'value']`);
    const [name, content] = pair;
    const value = encodeField(content, `header ${name}`, fail);
    if (value === null && !isList(headers))
      throw fail(
        `header ${name} is null: give a string or a Uint8Array, or a list of pairs, where null is kept`,
      );
    return [encodeField(name, `the name of header ${index}`, fail)!, value] as const;
  });
}

const noHeaders: readonly EncodedHeader[] = [];

const isList = (headers: ProducerHeaders): headers is readonly ProducerHeader[] => Array.isArray(headers);

const headersSize = (headers: readonly EncodedHeader[]): number =>
  headers.reduce((size, [name, value]) => size + name.length + (value?.length ?? 0), 0);

function naturalOrAbsent(value: number | undefined, field: string, fail: Fail): number | undefined {
  if (value === undefined) return undefined;
  if (!Number.isSafeInteger(value) || value < 0)
    throw fail(
      `${field} is not a whole number of at least 0, but ${shown(value)}: ` +
        (field === 'partition'
          ? 'leave it out to let the partitioner choose'
          : 'give for instance Date.now()'),
    );
  return value;
}
