import { unpackedBytesMax, unpackSync } from './block-codecs.ts';
import type { CompressionCodec, RecordBatch } from './record-batch.ts';
import { MalformedBytes, readVarint, readVarlong, skipVarlong, type Cursor } from './varint.ts';

/** Length, attributes, timestamp and offset delta, key, value and number of headers: one byte each. */
const recordBytesMin = 7;
/**
 * What a byte can unpack to at the most. Snappy: a copy of 64 bytes takes 3. LZ4: a length goes on by 255 a byte. Gzip: a copy of 258 bytes takes
 * 2 bits. Zstandard: 128 KiB of the same byte take 4.
 */
const unpackedPerByteMax = { none: 1, snappy: 22, lz4: 255, gzip: 1_032, zstd: 32_768 } as const;

/** The records of a batch in one piece; undefined for bytes that are not what their codec says, or that unpack to more than `unpackedBytesMax`. */
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
  /** Only good while the record is looked at. */
  readonly timestampMs: () => bigint;
}

interface RecordChecks {
  /** False: a compressed block is left as it is. */
  readonly unpacked: boolean;
  readonly look: ((index: number, record: RecordSeen) => void) | undefined;
}

/**
 * Throws MalformedBytes unless the batch holds as many records as its header claims, numbered from 0 without a gap: the claim moves the end of
 * the log. What is not unpacked is bounded by what its bytes could hold. Nothing is allocated by the claim.
 */
export function checkRecords(batch: RecordBatch, { unpacked, look }: RecordChecks): void {
  const { codec = 'none', recordCount } = batch;
  if (!unpacked) return checkCount(codec, batch.payload.length, recordCount);
  const bytes = unpackedRecords(batch);
  if (bytes === undefined)
    throw new MalformedBytes(
      `the bytes are not ${codec}, or unpack to more than ${unpackedBytesMax / 1024 / 1024} MiB`,
    );
  walk({ bytes, position: 0 }, batch, look);
}

function checkCount(codec: CompressionCodec, payloadBytes: number, recordCount: number): void {
  const bytesMax = Math.min(payloadBytes * unpackedPerByteMax[codec], unpackedBytesMax);
  if (recordCount > bytesMax / recordBytesMin)
    throw new MalformedBytes(`${recordCount} records are not in ${payloadBytes} bytes of ${codec}`);
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
      throw new MalformedBytes(`the length of record ${index} disagrees with its fields`);
    look?.(index, { hasKey, timestampMs: () => timeOf(batch, { bytes: cursor.bytes, position: timeAt }) });
  }
  if (cursor.position !== cursor.bytes.length)
    throw new MalformedBytes(`there is more than the ${recordCount} records of the header`);
}

const timeOf = (batch: RecordBatch, cursor: Cursor): bigint =>
  batch.isLogAppendTime ? batch.maxTimestamp : batch.baseTimestamp + readVarlong(cursor);

/** Of each header its name, which cannot be null, and its value. */
function skipHeaders(cursor: Cursor, end: number): void {
  const count = readVarint(cursor);
  if (count < 0 || count > end - cursor.position)
    throw new MalformedBytes(`${count} headers are not in their record`);
  for (let index = 0; index < count; index += 1) {
    if (!skipBytes(cursor)) throw new MalformedBytes('a header has no name');
    skipBytes(cursor);
  }
}

/** False when they are null. A length beyond the record shows at its end. */
function skipBytes(cursor: Cursor): boolean {
  const length = readVarint(cursor);
  if (length > 0) cursor.position += length;
  return length >= 0;
}
