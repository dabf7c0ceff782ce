import type { FetchResponsePartition } from '../library-types.ts';

export type Batch = NonNullable<FetchResponsePartition['records']>[number];
export type AbortedTransaction = NonNullable<FetchResponsePartition['abortedTransactions']>[number];

/**
 * Record batch attributes (KIP-98): bit 4 marks a batch of a transaction, bit 5 a transaction
 * marker.
 */
const transactional = 0x10;
const control = 0x20;

/**
 * Returns the batches of a fetch response that belong to aborted transactions, by Kafka's rule
 * (KIP-98). The broker lists each aborted transaction that overlaps the response with its producer
 * and its first offset. The transaction begins with the first batch that reaches that offset, and
 * ends with the producer's next marker. The same producer may abort again or commit within one
 * response, and the marker may be in a later response.
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
