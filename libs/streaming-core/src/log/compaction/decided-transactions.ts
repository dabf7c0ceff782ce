import type { AbortedTransaction } from '../transactions/aborted-transactions.ts';
import type { RecordBatch } from '../../records/record-batch.ts';

/** Tells compaction how the transactions below the last stable offset ended. */
export class DecidedTransactions {
  readonly #aborted: ReadonlyMap<bigint, readonly AbortedTransaction[]>;
  /** Producers that have had a batch since their last marker. */
  readonly #met = new Set<bigint>();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#aborted = Map.groupBy(aborted, ({ producerId }) => producerId);
  }

  isAborted(batch: RecordBatch): boolean {
    if (!batch.isTransactional || batch.isControl) return false;
    const { producerId, baseOffset } = batch;
    return (
      this.#aborted
        .get(producerId)
        ?.some((one) => one.firstOffset <= baseOffset && baseOffset < one.lastOffset) ?? false
    );
  }

  /** Call this for each batch in the order of the log. */
  meet(batch: RecordBatch): void {
    if (batch.isTransactional && !batch.isControl) this.#met.add(batch.producerId);
  }

  /** True for a marker whose transaction has no batches left. */
  endsNothing(marker: RecordBatch): boolean {
    return !this.#met.delete(marker.producerId);
  }
}
