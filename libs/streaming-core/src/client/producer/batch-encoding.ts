import { pack } from '../../records/block-codecs.ts';
import {
  batchHeaderBytes,
  batchPrefixBytes,
  currentMagic,
  RecordBatch,
  type CompressionCodec,
} from '../../records/record-batch.ts';
import type { RecordBlock } from './record-block.ts';

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
 * Makes a batch in version 2 of these records. It may write its header into the bytes of the block.
 * `stampBatch` has to add its origin and checksum. Returns a promise only if the batch has to be compressed.
 */
export function encodeBatch(block: RecordBlock, form: BatchForm): Buffer | Promise<Buffer> {
  const { compression } = form;
  if (compression === 'none') return withHeader(block.bytes, block, form);
  return pack(compression, block.bytes.subarray(batchHeaderBytes)).then((packed) =>
    withHeader(Buffer.concat([Buffer.alloc(batchHeaderBytes), packed]), block, form),
  );
}

function withHeader(
  batch: Buffer,
  { count, baseTimestampMs, maxTimestampMs }: RecordBlock,
  { transactional, compression }: BatchForm,
): Buffer {
  batch.writeBigInt64BE(0n, 0);
  batch.writeInt32BE(batch.length - batchPrefixBytes, 8);
  batch.writeInt32BE(-1, 12);
  batch.writeInt8(currentMagic, 16);
  batch.writeInt16BE(codecBits[compression] | (transactional ? transactionalBit : 0), 21);
  batch.writeInt32BE(count - 1, 23);
  batch.writeBigInt64BE(BigInt(baseTimestampMs), 27);
  batch.writeBigInt64BE(BigInt(maxTimestampMs), 35);
  batch.writeInt32BE(count, 57);
  return batch;
}

/** Writes the origin and then the checksum into the batch, in place. */
export function stampBatch(batch: Buffer, { producerId, producerEpoch, baseSequence }: BatchOrigin): void {
  batch.writeBigInt64BE(producerId, 43);
  batch.writeInt16BE(producerEpoch, 51);
  batch.writeInt32BE(baseSequence, 53);
  batch.writeUInt32BE(new RecordBatch(batch).computeCrc(), 17);
}
