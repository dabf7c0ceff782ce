import { ProtocolError } from '../../protocol/errors.ts';
import type { RecordBatch } from '../../records/record-batch.ts';
import type { TransactionMarker } from '../../records/transaction-marker.ts';

/** A batch with which a producer wants to begin its transaction on a partition. */
export interface ExpectedTransaction {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  /** True if a producer without batches on the partition has to begin at sequence 0 (KIP-890). */
  readonly beginsAtSequence0: boolean;
}

const producersMax = 20_000;

/**
 * The lowest sequence with which each producer has tried to begin a transaction on this partition
 * (KIP-890). A batch that arrives before its partition is part of the transaction is rejected and
 * sent again, and no later batch may be written before it. The list is in memory only: after a
 * restart the client tries again.
 */
export class ExpectedTransactions {
  /** Oldest first. */
  readonly #expected = new Map<bigint, ExpectedTransaction>();

  expect(asked: ExpectedTransaction): void {
    const known = this.#expected.get(asked.producerId);
    if (known === undefined) this.#expected.set(asked.producerId, asked);
    else
      this.#expected.set(asked.producerId, {
        ...lower(known, asked),
        beginsAtSequence0: known.beginsAtSequence0,
      });
    if (this.#expected.size > producersMax)
      for (const oldest of this.#expected.keys()) return void this.#expected.delete(oldest);
  }

  /**
   * Throws OUT_OF_ORDER_SEQUENCE_NUMBER if an earlier batch is still missing. `isNew`: the producer
   * has no batches on this partition.
   */
  check({ producerId, baseSequence }: RecordBatch, isNew: boolean): void {
    const expected = this.#expected.get(producerId);
    if (expected === undefined) return;
    const highest = expected.beginsAtSequence0 && isNew ? 0 : expected.baseSequence;
    if (baseSequence > highest)
      throw new ProtocolError(
        'OUT_OF_ORDER_SEQUENCE_NUMBER',
        `producer ${producerId} sent sequence ${baseSequence}, but ${highest} is next`,
      );
  }

  /** Call this after a batch was written. */
  begun({ producerId, isTransactional }: RecordBatch): void {
    if (isTransactional) this.#expected.delete(producerId);
  }

  /**
   * Call this after a marker was written. A marker with the expected epoch ended an earlier
   * transaction: with KIP-890 that marker gave the producer this epoch.
   */
  ended({ producerId, producerEpoch }: TransactionMarker): void {
    const expected = this.#expected.get(producerId);
    if (expected?.beginsAtSequence0 !== true || expected.producerEpoch !== producerEpoch)
      this.#expected.delete(producerId);
  }
}

const lower = (known: ExpectedTransaction, asked: ExpectedTransaction): ExpectedTransaction =>
  asked.producerEpoch > known.producerEpoch ||
  (asked.producerEpoch === known.producerEpoch && asked.baseSequence < known.baseSequence)
    ? asked
    : known;
