import type { RecordBatch } from '../../records/record-batch.ts';

export type BatchHeader = Pick<
  RecordBatch,
  'producerId' | 'baseOffset' | 'lastOffset' | 'isTransactional' | 'isControl'
>;

/** A transaction that a fetch response lists as aborted, with the offset of its first record. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

/**
 * Returns the batches of a fetch response that belong to aborted transactions, by Kafka's rule
 * (KIP-98). The broker lists each aborted transaction that overlaps the response with its producer
 * and its first offset. The transaction begins with the first batch that reaches that offset, and
 * ends with the producer's next marker. The same producer may abort again or commit within one
 * response, and the marker may be in a later response.
 */
export function abortedBatches<Batch extends BatchHeader>(
  batches: readonly Batch[],
  aborted: readonly AbortedTransaction[],
): ReadonlySet<Batch> {
  const undone = new Set<Batch>();
  if (aborted.length === 0) return undone;
  const waiting = [...aborted].sort((left, right) => (left.firstOffset < right.firstOffset ? -1 : 1));
  const aborting = new Set<bigint>();
  for (const batch of batches) {
    const { lastOffset, producerId } = batch;
    for (let next = waiting[0]; next !== undefined && next.firstOffset <= lastOffset; next = waiting[0]) {
      aborting.add(next.producerId);
      waiting.shift();
    }
    if (batch.isControl) aborting.delete(producerId);
    else if (batch.isTransactional && aborting.has(producerId)) undone.add(batch);
  }
  return undone;
}
