import { MalformedBytes, readVarint, type Cursor } from '../../records/varint.ts';
import type { FetchedRecord, RecordHeader } from '../types.ts';

/** A record that keeps the bytes of its batch and reads `headerList` from them on demand. */
export class DecodedRecord implements FetchedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: ReadonlyMap<string, string>;
  readonly #bytes: Buffer;
  readonly #headersAt: number;
  readonly #end: number;

  /** `cursor` is at the headers of the record, which ends at `end`. */
  constructor(
    { topic, partition, offset, timestampMs }: Place,
    key: Buffer | null,
    value: Buffer | null,
    cursor: Cursor,
    end: number,
  ) {
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.timestampMs = timestampMs;
    this.key = key;
    this.value = value;
    this.#bytes = cursor.bytes;
    this.#headersAt = cursor.position;
    this.#end = end;
    this.headers = lastHeaders(cursor, end);
  }

  get headerList(): readonly RecordHeader[] {
    return [...headersOf({ bytes: this.#bytes, position: this.#headersAt }, this.#end)];
  }
}

type Place = Pick<FetchedRecord, 'topic' | 'partition' | 'offset' | 'timestampMs'>;

const noHeaders: ReadonlyMap<string, string> = new Map();

/** If a name occurs several times, its last value counts, as with Kafka's `Headers.lastHeader`. */
function lastHeaders(cursor: Cursor, end: number): ReadonlyMap<string, string> {
  if (cursor.bytes[cursor.position] === 0) return noHeaders;
  const headers = new Map<string, string>();
  for (const { name, value } of headersOf(cursor, end)) headers.set(name, value?.toString('utf8') ?? '');
  return headers;
}

function* headersOf(cursor: Cursor, end: number): Generator<RecordHeader> {
  const count = readVarint(cursor);
  for (let index = 0; index < count; index += 1) {
    const name = readBytes(cursor, end)?.toString('utf8') ?? '';
    yield { name, value: readBytes(cursor, end) };
  }
}

/** Returns null for a field of length -1. */
export function readBytes(cursor: Cursor, recordEnd: number): Buffer | null {
  const length = readVarint(cursor);
  if (length < 0) return null;
  const from = cursor.position;
  if (from + length > recordEnd) throw new MalformedBytes('a field ends beyond its record');
  cursor.position = from + length;
  return cursor.bytes.subarray(from, cursor.position);
}
