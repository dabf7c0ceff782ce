import type { AbortedTransaction } from './aborted-transactions.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { AbortedIndex } from './aborted-index.ts';
import type { EndedTransaction, ProducerStates } from '../producers/producer-states.ts';
import { batchesIn, type RecordBatch } from '../../records/record-batch.ts';
import type { TransactionMarker } from '../../records/records.ts';
import type { AppendOptions } from '../batches/produced-batch.ts';

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

interface MarkerPlace {
  readonly offset: bigint;
  readonly timestampMs: bigint;
  readonly segmentBase: bigint;
  readonly nowMs: number;
}

/**
 * The transactions of one partition: which are open, which were aborted, and up to which offset all
 * have ended.
 */
export class PartitionTransactions {
  readonly #producers: ProducerStates;
  readonly #aborted: AbortedIndex;
  readonly #expected = new ExpectedTransactions();
  /** Transactions that ended with a marker at or above the high watermark. */
  #unseen: EndedTransaction[] = [];

  constructor(producers: ProducerStates, aborted: AbortedIndex) {
    this.#producers = producers;
    this.#aborted = aborted;
  }

  expect(expected: ExpectedTransaction): void {
    this.#producers.checkEpoch(expected.producerId, expected.producerEpoch);
    this.#expected.expect(expected);
  }

  /**
   * Call this before a batch is written that is not a duplicate. Rejects a batch outside
   * transactions while its producer has an open transaction, whatever the epochs: a batch of a
   * newer epoch would fence the marker that has to end the transaction. Throws INVALID_TXN_STATE
   * and OUT_OF_ORDER_SEQUENCE_NUMBER.
   */
  checkBatch(batch: RecordBatch, { inTransaction }: AppendOptions): void {
    const { producerId, producerEpoch } = batch;
    if (producerId < 0n) return;
    const isKnown = this.#producers.hasOpenTransaction(producerId, producerEpoch);
    if (batch.isTransactional && !isKnown && inTransaction !== true)
      throw new ProtocolError(
        'INVALID_TXN_STATE',
        `producer ${producerId} has no ongoing transaction that includes this partition`,
      );
    const state = this.#producers.find(producerId);
    if (!batch.isTransactional && state?.transactionFirstOffset !== undefined)
      throw new ProtocolError(
        'INVALID_TXN_STATE',
        `producer ${producerId} has an open transaction on this partition, and the batch is not part of it`,
      );
    this.#expected.check(batch, (state?.batches.length ?? 0) === 0);
  }

  /** Call this after the batch is in the log. */
  begun(batch: RecordBatch): void {
    this.#expected.begun(batch);
  }

  /**
   * Call this before a marker is written. Throws INVALID_PRODUCER_EPOCH or
   * TRANSACTION_COORDINATOR_FENCED for a stale one.
   */
  checkMarker({ producerId, producerEpoch, coordinatorEpoch }: TransactionMarker): void {
    this.#producers.checkEpoch(producerId, producerEpoch);
    const known = this.#producers.find(producerId)?.coordinatorEpoch ?? coordinatorEpoch;
    if (coordinatorEpoch < known)
      throw new ProtocolError(
        'TRANSACTION_COORDINATOR_FENCED',
        `the marker has coordinator epoch ${coordinatorEpoch}, but epoch ${known} is known`,
      );
  }

  /** Call this once the marker is in the log: after an append, and when a log is read again. */
  end(marker: TransactionMarker, { offset, timestampMs, segmentBase, nowMs }: MarkerPlace): void {
    this.#expected.ended(marker);
    const ended = this.#producers.end(marker, offset, timestampMs, nowMs);
    if (ended === undefined) return;
    this.#unseen.push(ended);
    if (ended.committed) return;
    const { producerId, firstOffset } = ended;
    const lastStableOffset = this.#producers.firstOpenOffset ?? offset + 1n;
    this.#aborted.add(segmentBase, { producerId, firstOffset, lastOffset: offset, lastStableOffset });
  }

  /**
   * The last stable offset: every transaction with records below it has ended with a marker below
   * the high watermark.
   */
  stableOffset(highWatermark: bigint): bigint {
    if (this.#unseen.length > 0)
      this.#unseen = this.#unseen.filter(({ markerOffset }) => markerOffset >= highWatermark);
    let stable = highWatermark;
    for (const { firstOffset } of this.#unseen) if (firstOffset < stable) stable = firstOffset;
    const open = this.#producers.firstOpenOffset;
    return open !== undefined && open < stable ? open : stable;
  }

  /**
   * The aborted transactions that have records or their marker in `records`, which were read from
   * the offset on.
   */
  abortedIn(offset: bigint, records: Buffer): readonly AbortedTransaction[] {
    let end = offset;
    for (const batch of batchesIn(records)) end = batch.lastOffset + 1n;
    return end === offset ? [] : this.#aborted.find(offset, end);
  }
}
