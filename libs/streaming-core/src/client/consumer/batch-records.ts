import { unpackSync } from '../../records/block-codecs.ts';
import type { RecordBatch } from '../../records/record-batch.ts';
import { MalformedBytes, readVarint, readVarlongAsNumber, type Cursor } from '../../records/varint.ts';
import type { FetchedRecord, UndecodedRecords, FetchPosition, RecordHeader } from '../fetched-records.ts';
import type { TopicPartition } from '../topic-partition.ts';
import { contentBytesOf } from '../traffic-reports.ts';
import { ClientError } from '../errors/client-error.ts';
import { nameOf } from '../partition-map.ts';

const noBytesLeft: Cursor = { bytes: Buffer.alloc(0), position: 0 };

/**
 * The records of batches from a position on, without those of aborted transactions. Throws
 * ClientError for a batch that cannot be read.
 */
export class BatchRecords implements UndecodedRecords {
  readonly countMax: number;
  readonly sizeBytes: number;
  /** Every batch that was fetched, also the control batches and those of `aborted`. */
  readonly batches: readonly RecordBatch[];
  /** The batches of transactions that the broker listed as aborted. */
  readonly aborted: ReadonlySet<RecordBatch>;
  /** Called after the last record, with the number of records and the bytes of their contents. */
  onDecoded: ((records: number, bytes: number) => void) | undefined;
  readonly #at: TopicPartition;
  readonly #position: bigint;
  readonly #readable: readonly RecordBatch[];
  #opened = 0;
  #cursor: Cursor = noBytesLeft;
  #left = 0;
  #baseOffset = 0n;
  #baseTimestampMs = 0;
  #appendTimeMs: number | undefined;
  #taken = 0;
  #takenBytes = 0;

  constructor(
    at: TopicPartition,
    position: bigint,
    batches: readonly RecordBatch[],
    aborted: ReadonlySet<RecordBatch> = new Set(),
  ) {
    this.#at = at;
    this.#position = position;
    this.batches = batches;
    this.aborted = aborted;
    this.#readable = batches.filter((batch) => !batch.isControl && !aborted.has(batch));
    this.countMax = this.#readable.reduce((sum, { recordCount }) => sum + recordCount, 0);
    this.sizeBytes = this.#readable.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  next(): FetchedRecord | undefined {
    for (;;) {
      const record = this.#nextOfBatches();
      if (record === undefined) return this.#end();
      if (record.offset < this.#position) continue;
      if (this.onDecoded !== undefined) this.#count(record);
      return record;
    }
  }

  /** Decodes all records that were not taken yet. */
  rest(): readonly FetchedRecord[] {
    const records: FetchedRecord[] = [];
    for (let record = this.next(); record !== undefined; record = this.next()) records.push(record);
    return records;
  }

  #nextOfBatches(): FetchedRecord | undefined {
    try {
      while (this.#left === 0) if (!this.#open()) return undefined;
      return this.#read();
    } catch (error) {
      throw unreadableBatch(this.#at, this.#readable[this.#opened - 1]!, error);
    }
  }

  #count(record: FetchedRecord): void {
    this.#taken += 1;
    this.#takenBytes += contentBytesOf(record);
  }

  #end(): undefined {
    if (this.#taken > 0) this.onDecoded?.(this.#taken, this.#takenBytes);
    this.#taken = 0;
    return undefined;
  }

  /** Returns false after the last batch. */
  #open(): boolean {
    const batch = this.#readable[this.#opened];
    if (batch === undefined) return false;
    this.#opened += 1;
    const { baseOffset, codec, recordCount } = batch;
    if (codec === undefined) throw new MalformedBytes('a batch has an unknown compression codec');
    this.#appendTimeMs = batch.isLogAppendTime ? Number(batch.maxTimestamp) : undefined;
    this.#baseTimestampMs = Number(batch.baseTimestamp);
    this.#baseOffset = baseOffset;
    this.#cursor = { bytes: unpackSync(codec, batch.payload), position: 0 };
    this.#left = recordCount;
    return true;
  }

  #read(): FetchedRecord {
    const cursor = this.#cursor;
    const length = readVarint(cursor);
    const end = cursor.position + length;
    if (length < 0 || end > cursor.bytes.length)
      throw new MalformedBytes(`a record ends beyond its batch, ${this.#left} records before its last`);
    cursor.position += 1; // attributes, unused
    const timestampMs = this.#baseTimestampMs + readVarlongAsNumber(cursor);
    const offset = this.#baseOffset + BigInt(readVarint(cursor));
    const { topic, partition } = this.#at;
    const record = new DecodedRecord(
      { topic, partition, offset, timestampMs: this.#appendTimeMs ?? timestampMs },
      readBytes(cursor, end),
      readBytes(cursor, end),
      cursor,
      end,
    );
    cursor.position = end;
    this.#left -= 1;
    return record;
  }
}

interface OffsetsOfBatch {
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
}

/** The error for a batch whose header is whole, and whose records are not what a producer wrote. */
export const unreadableBatch = (
  at: TopicPartition,
  { baseOffset, lastOffset }: OffsetsOfBatch,
  cause: unknown,
): ClientError =>
  unreadable(`offsets ${baseOffset} to ${lastOffset}`, at, `offset ${lastOffset + 1n}`, cause);

/** The error for the batch at a position, of which nothing is certain. */
export const damagedBatch = (position: FetchPosition, cause: unknown): ClientError =>
  unreadable(`offset ${position.offset}`, position, 'an offset beyond it', cause);

function unreadable(offsets: string, at: TopicPartition, next: string, cause: unknown): ClientError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ClientError(
    'broker_error',
    `the batch of ${nameOf(at)} at ${offsets} cannot be read (${reason}): restore the partition from a copy, or ` +
      `lose the batch and continue at ${next}. A group does so if that offset is committed for it while it is ` +
      'stopped, and then also skips what it has not committed before the batch',
    { cause },
  );
}

/** A record that keeps the bytes of its batch and reads `headerList` from them on demand. */
class DecodedRecord implements FetchedRecord {
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
function readBytes(cursor: Cursor, recordEnd: number): Buffer | null {
  const length = readVarint(cursor);
  if (length < 0) return null;
  const from = cursor.position;
  if (from + length > recordEnd) throw new MalformedBytes('a field ends beyond its record');
  cursor.position = from + length;
  return cursor.bytes.subarray(from, cursor.position);
}
