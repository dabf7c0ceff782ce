import { unpackSync } from '../../records/block-codecs.ts';
import { batchPrefixBytes, currentMagic, RecordBatch } from '../../records/record-batch.ts';
import { MalformedBytes, readVarint, readVarlongAsNumber, type Cursor } from '../../records/varint.ts';
import type { FetchedRecord, RecordHeader, TopicPartition } from '../types.ts';
import { abortedBatches, type AbortedTransaction } from './aborted-batches.ts';

export interface DecodedRecords {
  readonly records: readonly FetchedRecord[];
  readonly nextOffset: bigint;
}

/**
 * Returns the records from `position` on, and the offset to read next. A broker sends whole
 * batches, so the first records of a batch may lie before the position. The next offset follows
 * from the end of the last batch, because compaction and markers leave offsets without records.
 * Records of `aborted` transactions, which a read_committed response lists, are left out. Throws
 * MalformedBytes for bytes that are not what their producer wrote.
 */
export function decodeRecords(
  at: TopicPartition,
  position: bigint,
  bytes: Buffer,
  aborted: readonly AbortedTransaction[] = [],
): DecodedRecords {
  const batches = wholeBatches(bytes);
  const undone = abortedBatches(batches, aborted);
  const records: FetchedRecord[] = [];
  let nextOffset = position;
  for (const batch of batches) {
    if (!batch.isControl && !undone.has(batch)) decodeBatch(at, position, batch, records);
    const afterBatch = batch.lastOffset + 1n;
    if (afterBatch > nextOffset) nextOffset = afterBatch;
  }
  return { records, nextOffset };
}

/** A broker may cut off the last batch at the size limit of the fetch. That batch comes again. */
function wholeBatches(bytes: Buffer): readonly RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (let at = 0; at + batchPrefixBytes < bytes.length;) {
    const batch = new RecordBatch(bytes, at);
    const { sizeBytes } = batch;
    if (sizeBytes <= batchPrefixBytes) throw new MalformedBytes(`a batch has a size of ${sizeBytes} bytes`);
    if (at + sizeBytes > bytes.length) break;
    if (batch.magic !== currentMagic)
      throw new MalformedBytes(`a batch has the format version ${batch.magic}, not ${currentMagic}`);
    if (batch.computeCrc() !== batch.crc) throw new MalformedBytes('the checksum of a batch does not match');
    batches.push(batch);
    at += sizeBytes;
  }
  return batches;
}

function decodeBatch(
  { topic, partition }: TopicPartition,
  position: bigint,
  batch: RecordBatch,
  into: FetchedRecord[],
): void {
  const { baseOffset, codec, recordCount } = batch;
  if (codec === undefined) throw new MalformedBytes('a batch has an unknown compression codec');
  const appendTimeMs = batch.isLogAppendTime ? Number(batch.maxTimestamp) : undefined;
  const baseTimestampMs = Number(batch.baseTimestamp);
  const cursor = { bytes: unpackSync(codec, batch.payload), position: 0 };
  for (let index = 0; index < recordCount; index += 1) {
    const length = readVarint(cursor);
    const end = cursor.position + length;
    if (length < 0 || end > cursor.bytes.length)
      throw new MalformedBytes(`record ${index} of ${recordCount} ends beyond its batch`);
    cursor.position += 1; // attributes, unused
    const timestampMs = baseTimestampMs + readVarlongAsNumber(cursor);
    const offset = baseOffset + BigInt(readVarint(cursor));
    if (offset >= position)
      into.push(
        new DecodedRecord(
          { topic, partition, offset, timestampMs: appendTimeMs ?? timestampMs },
          readBytes(cursor, end),
          readBytes(cursor, end),
          cursor,
          end,
        ),
      );
    cursor.position = end;
  }
}

/** Reads its headers from the bytes of its batch. */
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

function readBytes(cursor: Cursor, recordEnd: number): Buffer | null {
  const length = readVarint(cursor);
  if (length < 0) return null;
  const from = cursor.position;
  if (from + length > recordEnd) throw new MalformedBytes('a field ends beyond its record');
  cursor.position = from + length;
  return cursor.bytes.subarray(from, cursor.position);
}
