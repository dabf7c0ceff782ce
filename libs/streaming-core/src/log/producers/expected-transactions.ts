import { ProtocolError } from '../../protocol/errors.ts';
import type { RecordBatch } from '../../records/record-batch.ts';
import type { TransactionMarker } from '../../records/transaction-marker.ts';

/** A batch that wants to begin its producer's transaction on a partition. */
export interface ExpectedTransaction {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  /** A producer that has no batches here begins at sequence 0 (KIP-890). */
  readonly beginsAtSequence0: boolean;
}

const producersMax = 20_000;

/**
 * The lowest sequence with which each producer has tried to begin a transaction here (KIP-890): a batch that was refused since its partition was
 * not yet part of the transaction is sent again, and nothing behind it may come in before. In memory only: after a restart the client tries again.
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

  /** Throws OUT_OF_ORDER_SEQUENCE_NUMBER for a batch behind one that is still to come. `isNew`: the producer has no batches here. */
  check({ producerId, baseSequence }: RecordBatch, isNew: boolean): void {
    const expected = this.#expected.get(producerId);
    if (expected === undefined) return;
    const highest = expected.beginsAtSequence0 && isNew ? 0 : expected.baseSequence;
    if (baseSequence > highest)
      throw new ProtocolError(
        'OUT_OF_ORDER_SEQUENCE_NUMBER',
        `producer ${producerId} sent sequence ${baseSequence} where ${highest} is next`,
      );
  }

  /** A batch of the transaction was written. */
  begun({ producerId, isTransactional }: RecordBatch): void {
    if (isTransactional) this.#expected.delete(producerId);
  }

  /** Its marker was written. One with the epoch that is expected belongs to an earlier transaction: with KIP-890 it gives that epoch. */
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
