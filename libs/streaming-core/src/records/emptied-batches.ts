import { batchesIn } from './batches-in.ts';

/** Where the batches end, when none of them has records; else undefined. */
export function offsetBehindEmptied(batches: Buffer): bigint | undefined {
  let offset: bigint | undefined;
  for (const batch of batchesIn(batches)) {
    if (batch.recordCount > 0) return undefined;
    offset = batch.lastOffset + 1n;
  }
  return offset;
}
