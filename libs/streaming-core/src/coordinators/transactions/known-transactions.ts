import { HeldBytes } from '../../runtime/held-bytes.ts';
import type { Transaction } from './transaction.ts';

/**
 * Measured and rounded up. Strings may take two bytes per UTF-16 unit. An id is stored in its
 * transaction and in what waits for it.
 */
const bytesOfId = 500;
const bytesOfPartition = 120;
const bytesPerUnit = 2;

/** Estimates the memory of a transactional id and of the partitions of its transaction. */
const bytesOf = (transaction: Transaction | undefined): number =>
  transaction === undefined
    ? 0
    : bytesOfId +
      bytesPerUnit * transaction.transactionalId.length +
      transaction.partitions.reduce(
        (sum, { topic }) => sum + bytesOfPartition + bytesPerUnit * topic.length,
        0,
      );

/** The durable state of each transactional id, and the memory that all of them take. */
export class KnownTransactions {
  readonly #byId = new Map<string, Transaction>();
  readonly #held: HeldBytes;

  constructor(options: { readonly bytesMax: number }) {
    this.#held = new HeldBytes(options);
  }

  get size(): number {
    return this.#byId.size;
  }

  get(transactionalId: string): Transaction | undefined {
    return this.#byId.get(transactionalId);
  }

  values(): IterableIterator<Transaction> {
    return this.#byId.values();
  }

  set(transaction: Transaction): void {
    this.#held.add(bytesOf(transaction) - bytesOf(this.#byId.get(transaction.transactionalId)));
    this.#byId.set(transaction.transactionalId, transaction);
  }

  delete(transactionalId: string): void {
    this.#held.add(-bytesOf(this.#byId.get(transactionalId)));
    this.#byId.delete(transactionalId);
  }

  /** Whether there is memory for the transaction in place of the current one of its id. */
  hasRoomFor(transaction: Transaction): boolean {
    return this.#held.hasRoomFor(bytesOf(transaction) - bytesOf(this.#byId.get(transaction.transactionalId)));
  }
}
