import { pack } from '../../records/block-codecs.ts';
import {
  batchHeaderBytes,
  batchPrefixBytes,
  currentMagic,
  RecordBatch,
  type CompressionCodec,
} from '../../records/record-batch.ts';
import type { EncodedRecord } from './record-encoding.ts';

/** The producer of a batch, and the sequence number of its first record (KIP-98). */
export interface BatchOrigin {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
}

export interface BatchForm {
  readonly transactional: boolean;
  readonly compression: CompressionCodec;
}

const codecBits: Readonly<Record<CompressionCodec, number>> = {
  none: 0,
  gzip: 1,
  snappy: 2,
  lz4: 3,
  zstd: 4,
};
const transactionalBit = 0x10;

/**
 * Encodes a batch in version 2, whose layout is in `records/record-batch.ts`. `stampBatch` has to
 * add its origin and checksum. Returns a promise only if the batch has to be compressed.
 */
export function encodeBatch(records: readonly EncodedRecord[], form: BatchForm): Buffer | Promise<Buffer> {
  const { compression } = form;
  const baseTimestampMs = records[0]?.timestampMs ?? 0;
  const bodies = records.map((record, index) => bodyBytes(record, index, baseTimestampMs));
  const block = compression === 'none' ? batchHeaderBytes : 0;
  const bytes = Buffer.allocUnsafe(block + bodies.reduce((sum, size) => sum + varintBytes(size) + size, 0));
  let at = block;
  records.forEach(
    (record, index) => (at = writeRecord(bytes, at, record, index, bodies[index]!, baseTimestampMs)),
  );
  if (compression === 'none') return withHeader(bytes, records, form);
  return pack(compression, bytes).then((packed) =>
    withHeader(Buffer.concat([Buffer.alloc(batchHeaderBytes), packed]), records, form),
  );
}

function withHeader(
  batch: Buffer,
  records: readonly EncodedRecord[],
  { transactional, compression }: BatchForm,
): Buffer {
  const baseTimestampMs = records[0]?.timestampMs ?? 0;
  batch.writeBigInt64BE(0n, 0);
  batch.writeInt32BE(batch.length - batchPrefixBytes, 8);
  batch.writeInt32BE(-1, 12);
  batch.writeInt8(currentMagic, 16);
  batch.writeInt16BE(codecBits[compression] | (transactional ? transactionalBit : 0), 21);
  batch.writeInt32BE(records.length - 1, 23);
  batch.writeBigInt64BE(BigInt(baseTimestampMs), 27);
  batch.writeBigInt64BE(
    BigInt(records.reduce((latest, { timestampMs }) => Math.max(latest, timestampMs), 0)),
    35,
  );
  batch.writeInt32BE(records.length, 57);
  return batch;
}

/** Writes the origin and then the checksum into the batch, in place. */
export function stampBatch(batch: Buffer, { producerId, producerEpoch, baseSequence }: BatchOrigin): void {
  batch.writeBigInt64BE(producerId, 43);
  batch.writeInt16BE(producerEpoch, 51);
  batch.writeInt32BE(baseSequence, 53);
  batch.writeUInt32BE(new RecordBatch(batch).computeCrc(), 17);
}

function bodyBytes(
  { key, value, headers, timestampMs }: EncodedRecord,
  offsetDelta: number,
  baseTimestampMs: number,
): number {
  let size =
    1 +
    varintBytes(timestampMs - baseTimestampMs) +
    varintBytes(offsetDelta) +
    fieldBytes(key) +
    fieldBytes(value);
  size += varintBytes(headers.length);
  for (const [name, text] of headers) size += fieldBytes(name) + fieldBytes(text);
  return size;
}

function writeRecord(
  bytes: Buffer,
  start: number,
  { key, value, headers, timestampMs }: EncodedRecord,
  offsetDelta: number,
  size: number,
  baseTimestampMs: number,
): number {
  let at = writeVarint(bytes, start, size);
  bytes[at++] = 0;
  at = writeVarint(bytes, at, timestampMs - baseTimestampMs);
  at = writeVarint(bytes, at, offsetDelta);
  at = writeField(bytes, at, key);
  at = writeField(bytes, at, value);
  at = writeVarint(bytes, at, headers.length);
  for (const [name, text] of headers) at = writeField(bytes, writeField(bytes, at, name), text);
  return at;
}

const fieldBytes = (field: Buffer | null): number =>
  field === null ? 1 : varintBytes(field.length) + field.length;

function writeField(bytes: Buffer, at: number, field: Buffer | null): number {
  if (field === null) return writeVarint(bytes, at, -1);
  const start = writeVarint(bytes, at, field.length);
  field.copy(bytes, start);
  return start + field.length;
}

/**
 * Zigzag-encodes a whole number up to 2^52. It uses no bit operators, because times in milliseconds
 * need more than 32 bits.
 */
const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);

function varintBytes(value: number): number {
  let size = 1;
  for (let rest = zigzag(value); rest > 0x7f; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

function writeVarint(bytes: Buffer, start: number, value: number): number {
  let at = start;
  let rest = zigzag(value);
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 0x80;
  bytes[at++] = rest;
  return at;
}
