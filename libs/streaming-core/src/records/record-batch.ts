import { crc32c } from '@node-rs/crc32';
import { ProtocolError } from '../protocol/errors.ts';

/*
 * Record batch, version 2 (KIP-98), big-endian:
 *   0 baseOffset int64         23 lastOffsetDelta int32    51 producerEpoch int16
 *   8 batchLength int32        27 baseTimestamp int64      53 baseSequence int32
 *  12 leaderEpoch int32        35 maxTimestamp int64       57 recordCount int32
 *  16 magic int8               43 producerId int64         61 records
 *  17 crc uint32, CRC-32C of everything from 21 on
 *  21 attributes int16: bits 0-2 codec, 3 log append time, 4 transactional, 5 control,
 *     6 base timestamp is the delete horizon (KIP-534)
 */
/** The bytes of a batch before its records. */
export const batchHeaderBytes = 61;
/** Base offset and length: the bytes that are needed to know the size of a batch. */
export const batchPrefixBytes = 12;
export const currentMagic = 2;
const crcStart = 21;

export type CompressionCodec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
export const compressionCodecs: readonly CompressionCodec[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

export const codecNumber = (codec: CompressionCodec): number => compressionCodecs.indexOf(codec);

const logAppendTimeBit = 0x08;
const transactionalBit = 0x10;
const controlBit = 0x20;
const deleteHorizonBit = 0x40;

/**
 * A view over the header of one batch. It reads in place and validates nothing: `produced-batch.ts`
 * validates the bytes of clients, `batch-scan.ts` stored bytes.
 */
export class RecordBatch {
  readonly bytes: Buffer;
  readonly start: number;

  constructor(bytes: Buffer, start = 0) {
    this.bytes = bytes;
    this.start = start;
  }

  get baseOffset(): bigint {
    return this.bytes.readBigInt64BE(this.start);
  }
  get sizeBytes(): number {
    return batchPrefixBytes + this.bytes.readInt32BE(this.start + 8);
  }
  get leaderEpoch(): number {
    return this.bytes.readInt32BE(this.start + 12);
  }
  get magic(): number {
    return this.bytes.readInt8(this.start + 16);
  }
  get crc(): number {
    return this.bytes.readUInt32BE(this.start + 17);
  }
  get attributes(): number {
    return this.bytes.readInt16BE(this.start + 21);
  }
  get lastOffsetDelta(): number {
    return this.bytes.readInt32BE(this.start + 23);
  }
  get baseTimestamp(): bigint {
    return this.bytes.readBigInt64BE(this.start + 27);
  }
  get maxTimestamp(): bigint {
    return this.bytes.readBigInt64BE(this.start + 35);
  }
  get producerId(): bigint {
    return this.bytes.readBigInt64BE(this.start + 43);
  }
  get producerEpoch(): number {
    return this.bytes.readInt16BE(this.start + 51);
  }
  get baseSequence(): number {
    return this.bytes.readInt32BE(this.start + 53);
  }
  get recordCount(): number {
    return this.bytes.readInt32BE(this.start + 57);
  }
  get lastOffset(): bigint {
    return this.baseOffset + BigInt(this.lastOffsetDelta);
  }
  /** Undefined if no codec has this number. */
  get codec(): CompressionCodec | undefined {
    return compressionCodecs[this.attributes & 0x07];
  }
  get isLogAppendTime(): boolean {
    return (this.attributes & logAppendTimeBit) !== 0;
  }
  get isTransactional(): boolean {
    return (this.attributes & transactionalBit) !== 0;
  }
  get isControl(): boolean {
    return (this.attributes & controlBit) !== 0;
  }
  /**
   * The time from which compaction may drop the tombstones of the batch. Set by the first round
   * that keeps them.
   */
  get deleteHorizonMs(): bigint | undefined {
    return (this.attributes & deleteHorizonBit) !== 0 ? this.baseTimestamp : undefined;
  }
  /** The records as one block, compressed with the codec. */
  get payload(): Buffer {
    return this.bytes.subarray(this.start + batchHeaderBytes, this.start + this.sizeBytes);
  }

  computeCrc(): number {
    return crc32c(this.bytes.subarray(this.start + crcStart, this.start + this.sizeBytes));
  }

  /** Sets the two fields that the checksum does not cover. */
  place(baseOffset: bigint, leaderEpoch: number): void {
    this.bytes.writeBigInt64BE(baseOffset, this.start);
    this.bytes.writeInt32BE(leaderEpoch, this.start + 12);
  }

  /**
   * For `message.timestamp.type=LogAppendTime`: gives every record this time and updates the
   * checksum.
   */
  stampAppendTime(timestampMs: bigint): void {
    this.bytes.writeInt16BE(this.attributes | logAppendTimeBit, this.start + 21);
    this.bytes.writeBigInt64BE(timestampMs, this.start + 35);
    this.bytes.writeUInt32BE(this.computeCrc(), this.start + 17);
  }

  /**
   * For `message.timestamp.type=CreateTime`: makes the records' own times count, whatever the
   * producer set, and updates the checksum.
   */
  stampCreateTime(): void {
    this.bytes.writeInt16BE(this.attributes & ~logAppendTimeBit, this.start + 21);
    this.bytes.writeUInt32BE(this.computeCrc(), this.start + 17);
  }
}

/** Iterates over bytes that consist of whole batches, as the log returns them. */
export function* batchesIn(bytes: Buffer): Generator<RecordBatch, void> {
  for (let at = 0; at < bytes.length;) {
    const batch = new RecordBatch(bytes, at);
    yield batch;
    at += batch.sizeBytes;
  }
}

/** The offset after the last batch if no batch has records, otherwise undefined. */
export function offsetBehindEmptied(batches: Buffer): bigint | undefined {
  let offset: bigint | undefined;
  for (const batch of batchesIn(batches)) {
    if (batch.recordCount > 0) return undefined;
    offset = batch.lastOffset + 1n;
  }
  return offset;
}

/** The overhead of a record in the oldest format. No client, however old, sends less. */
const lengthMin = 14;
const bytesToMagic = 17;

/**
 * The first batch, of any format version, in bytes from a client. Returns undefined if the bytes
 * end before the batch does. Throws CORRUPT_MESSAGE if its length or format version is impossible;
 * Apache Kafka then rejects the whole request.
 */
export function leadingBatch(bytes: Buffer): RecordBatch | undefined {
  if (bytes.length < batchPrefixBytes) return undefined;
  const batch = new RecordBatch(bytes);
  const length = batch.sizeBytes - batchPrefixBytes;
  if (length < lengthMin)
    throw new ProtocolError('CORRUPT_MESSAGE', `a batch of ${length} bytes is too small for a record`);
  if (bytes.length < bytesToMagic) return undefined;
  if (batch.magic < 0 || batch.magic > currentMagic)
    throw new ProtocolError('CORRUPT_MESSAGE', `the batch has an unknown magic ${batch.magic}`);
  return batch.sizeBytes > bytes.length ? undefined : batch;
}
