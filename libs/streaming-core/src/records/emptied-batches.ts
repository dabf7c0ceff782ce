import { batchesIn } from './batches-in.ts';

/** The offset after the last batch if no batch has records, otherwise undefined. */
export function offsetBehindEmptied(batches: Buffer): bigint | undefined {
  let offset: bigint | undefined;
  for (const batch of batchesIn(batches)) {
    if (batch.recordCount > 0) return undefined;
    offset = batch.lastOffset + 1n;
  }
  return offset;
}
