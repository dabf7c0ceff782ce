import { unpackSync } from '../../records/block-codecs.ts';
import { batchPrefixBytes, currentMagic, RecordBatch } from '../../records/record-batch.ts';
import { MalformedBytes, readVarint, readVarlongAsNumber, type Cursor } from '../../records/varint.ts';
import type { ConsumedRecord, TopicPartition } from '../types.ts';
import { abortedBatches, type AbortedTransaction } from './aborted-batches.ts';

export interface DecodedRecords {
  readonly records: readonly ConsumedRecord[];
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
  const records: ConsumedRecord[] = [];
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
  into: ConsumedRecord[],
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
      into.push({
        topic,
        partition,
        offset,
        timestampMs: appendTimeMs ?? timestampMs,
        key: readBytes(cursor, end),
        value: readBytes(cursor, end),
        headers: readHeaders(cursor, end),
      });
    cursor.position = end;
  }
}

const noHeaders: ReadonlyMap<string, string> = new Map();

/** If a name occurs several times, its last value counts, as with Kafka's `Headers.lastHeader`. */
function readHeaders(cursor: Cursor, end: number): ReadonlyMap<string, string> {
  const count = readVarint(cursor);
  if (count === 0) return noHeaders;
  const headers = new Map<string, string>();
  for (let index = 0; index < count; index += 1) {
    const name = readBytes(cursor, end)?.toString('utf8') ?? '';
    headers.set(name, readBytes(cursor, end)?.toString('utf8') ?? '');
  }
  return headers;
}

function readBytes(cursor: Cursor, recordEnd: number): Buffer | null {
  const length = readVarint(cursor);
  if (length < 0) return null;
  const from = cursor.position;
  if (from + length > recordEnd) throw new MalformedBytes('a field ends beyond its record');
  cursor.position = from + length;
  return cursor.bytes.subarray(from, cursor.position);
}
