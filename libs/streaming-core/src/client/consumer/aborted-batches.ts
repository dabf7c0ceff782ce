import type { FetchResponsePartition } from '../library-types.ts';

export type Batch = NonNullable<FetchResponsePartition['records']>[number];
export type AbortedTransaction = NonNullable<FetchResponsePartition['abortedTransactions']>[number];

/** Record batch attributes (KIP-98): bit 4 says that a batch is part of a transaction, bit 5 that it is a marker, which ends one. */
const transactional = 0x10;
const control = 0x20;

/**
 * The batches of an answer that a transaction has undone, by Kafka's rule (KIP-98): the broker names every aborted transaction that overlaps the
 * answer by producer and first offset. In order of these, each begins with the first batch that reaches its offset, and the producer's next marker
 * ends it: the same producer may abort again, or commit, within one answer, and the marker may be in a later one.
 */
export function abortedBatches(
  batches: readonly Batch[],
  aborted: readonly AbortedTransaction[],
): ReadonlySet<Batch> {
  const undone = new Set<Batch>();
  const waiting = [...aborted].sort((left, right) => (left.firstOffset < right.firstOffset ? -1 : 1));
  const aborting = new Set<bigint>();
  for (const batch of batches) {
    const lastOffset = batch.firstOffset + BigInt(batch.lastOffsetDelta);
    for (let next = waiting[0]; next !== undefined && next.firstOffset <= lastOffset; next = waiting[0]) {
      aborting.add(next.producerId);
      waiting.shift();
    }
    if ((batch.attributes & control) !== 0) aborting.delete(batch.producerId);
    else if ((batch.attributes & transactional) !== 0 && aborting.has(batch.producerId)) undone.add(batch);
  }
  return undone;
}
