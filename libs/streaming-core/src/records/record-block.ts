import { unpackedBytesMax, unpackSync } from './block-codecs.ts';
import type { CompressionCodec, RecordBatch } from './record-batch.ts';
import { MalformedBytes, readVarint, readVarlong, skipVarlong, type Cursor } from './varint.ts';

/**
 * One byte each: length, attributes, timestamp delta, offset delta, key, value, number of headers.
 */
const recordBytesMin = 7;
/**
 * The most bytes that one byte can unpack to.
 * - Snappy: a copy of 64 bytes takes 3 bytes.
 * - LZ4: each byte adds up to 255 to a length.
 * - Gzip: a copy of 258 bytes takes 2 bits.
 * - Zstandard: 128 KiB of the same byte take 4 bytes.
 */
const unpackedPerByteMax = { none: 1, snappy: 22, lz4: 255, gzip: 1_032, zstd: 32_768 } as const;

/**
 * The unpacked block of a batch. Undefined if the bytes do not match the codec or unpack to more
 * than `unpackedBytesMax`.
 */
export function unpackedRecords(batch: RecordBatch): Buffer | undefined {
  if (batch.codec === undefined) return undefined;
  try {
    return unpackSync(batch.codec, batch.payload);
  } catch {
    return undefined;
  }
}

export interface RecordSeen {
  readonly hasKey: boolean;
  /** Call this only while the record is being visited. */
  readonly timestampMs: () => bigint;
}

interface RecordChecks {
  /** If false, the block stays compressed and only the record count is checked. */
  readonly unpacked: boolean;
  readonly look: ((index: number, record: RecordSeen) => void) | undefined;
}

/**
 * Throws MalformedBytes unless the batch has as many records as its header claims, with offset
 * deltas that count up from 0. The claim decides where the log ends. If the block is not unpacked,
 * the claim may not exceed the number of records that its bytes can hold. The claim alone never
 * makes this allocate memory.
 */
export function checkRecords(batch: RecordBatch, { unpacked, look }: RecordChecks): void {
  const { codec = 'none', recordCount } = batch;
  if (!unpacked) return checkCount(codec, batch.payload.length, recordCount);
  const bytes = unpackedRecords(batch);
  if (bytes === undefined)
    throw new MalformedBytes(
      `the bytes are not valid ${codec}, or unpack to more than ${unpackedBytesMax / 1024 / 1024} MiB`,
    );
  walk({ bytes, position: 0 }, batch, look);
}

function checkCount(codec: CompressionCodec, payloadBytes: number, recordCount: number): void {
  const bytesMax = Math.min(payloadBytes * unpackedPerByteMax[codec], unpackedBytesMax);
  if (recordCount > bytesMax / recordBytesMin)
    throw new MalformedBytes(`${recordCount} records do not fit into ${payloadBytes} bytes of ${codec}`);
}

function walk(cursor: Cursor, batch: RecordBatch, look: RecordChecks['look']): void {
  const { recordCount } = batch;
  for (let index = 0; index < recordCount; index += 1) {
    const length = readVarint(cursor);
    const end = cursor.position + length;
    if (length < 0 || end > cursor.bytes.length)
      throw new MalformedBytes(`record ${index} of ${recordCount} ends beyond its batch`);
    cursor.position += 1; // attributes, unused
    const timeAt = cursor.position;
    skipVarlong(cursor);
    const offsetDelta = readVarint(cursor);
    if (offsetDelta !== index)
      throw new MalformedBytes(`record ${index} has the offset delta ${offsetDelta}`);
    const hasKey = skipBytes(cursor);
    skipBytes(cursor);
    skipHeaders(cursor, end);
    if (cursor.position !== end)
      throw new MalformedBytes(`the length of record ${index} does not match its fields`);
    look?.(index, { hasKey, timestampMs: () => timeOf(batch, { bytes: cursor.bytes, position: timeAt }) });
  }
  if (cursor.position !== cursor.bytes.length)
    throw new MalformedBytes(`there are bytes after the ${recordCount} records that the header claims`);
}

const timeOf = (batch: RecordBatch, cursor: Cursor): bigint =>
  batch.isLogAppendTime ? batch.maxTimestamp : batch.baseTimestamp + readVarlong(cursor);

/** A header is a name, which cannot be null, and a value. */
function skipHeaders(cursor: Cursor, end: number): void {
  const count = readVarint(cursor);
  if (count < 0 || count > end - cursor.position)
    throw new MalformedBytes(`the record has no room for ${count} headers`);
  for (let index = 0; index < count; index += 1) {
    if (!skipBytes(cursor)) throw new MalformedBytes('a header has no name');
    skipBytes(cursor);
  }
}

/**
 * Returns false for null. The caller notices a length beyond the record at the end of the record.
 */
function skipBytes(cursor: Cursor): boolean {
  const length = readVarint(cursor);
  if (length > 0) cursor.position += length;
  return length >= 0;
}
