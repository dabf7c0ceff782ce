import { ProtocolError } from '../../protocol/errors.ts';
import type { AbortedIndex } from './aborted-index.ts';
import type { AbortedTransaction } from './aborted-transactions.ts';
import { ExpectedTransactions, type ExpectedTransaction } from '../producers/expected-transactions.ts';
import type { EndedTransaction, ProducerStates } from '../producers/producer-states.ts';
import { batchesIn } from '../../records/batches-in.ts';
import type { RecordBatch } from '../../records/record-batch.ts';
import type { TransactionMarker } from '../../records/transaction-marker.ts';
import type { AppendOptions } from '../append-options.ts';

/** Where a marker stands. */
export interface MarkerPlace {
  readonly offset: bigint;
  readonly timestampMs: bigint;
  readonly segmentBase: bigint;
  readonly nowMs: number;
}

/** The transactions of one partition: which are open, which were aborted, and how far everything is decided. */
export class PartitionTransactions {
  readonly #producers: ProducerStates;
  readonly #aborted: AbortedIndex;
  readonly #expected = new ExpectedTransactions();
  /** Ended, by a marker that consumers may not see yet. */
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
   * Before a batch that is no duplicate is written. One outside of transactions waits for the end of an open one, of whatever epoch: the marker
   * of that would be one of the past. Throws INVALID_TXN_STATE and OUT_OF_ORDER_SEQUENCE_NUMBER.
   */
  checkBatch(batch: RecordBatch, { inTransaction }: AppendOptions): void {
    const { producerId, producerEpoch } = batch;
    if (producerId < 0n) return;
    const isKnown = this.#producers.hasOpenTransaction(producerId, producerEpoch);
    if (batch.isTransactional && !isKnown && inTransaction !== true)
      throw new ProtocolError(
        'INVALID_TXN_STATE',
        `the batch is in no ongoing transaction of producer ${producerId} with this partition`,
      );
    const state = this.#producers.find(producerId);
    if (!batch.isTransactional && state?.transactionFirstOffset !== undefined)
      throw new ProtocolError(
        'INVALID_TXN_STATE',
        `producer ${producerId} has an open transaction here, and the batch is not part of it`,
      );
    this.#expected.check(batch, (state?.batches.length ?? 0) === 0);
  }

  /** After it is in the log. */
  begun(batch: RecordBatch): void {
    this.#expected.begun(batch);
  }

  /** Before a marker is written. Throws INVALID_PRODUCER_EPOCH and TRANSACTION_COORDINATOR_FENCED for one of the past. */
  checkMarker({ producerId, producerEpoch, coordinatorEpoch }: TransactionMarker): void {
    this.#producers.checkEpoch(producerId, producerEpoch);
    const known = this.#producers.find(producerId)?.coordinatorEpoch ?? coordinatorEpoch;
    if (coordinatorEpoch < known)
      throw new ProtocolError(
        'TRANSACTION_COORDINATOR_FENCED',
        `coordinator epoch ${known} is known, the marker has ${coordinatorEpoch}`,
      );
  }

  /** After the marker is in the log, now or when it is read again. */
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

  /** Everything below is decided, by markers below the high watermark (V1 of the protocol notes). */
  stableOffset(highWatermark: bigint): bigint {
    if (this.#unseen.length > 0)
      this.#unseen = this.#unseen.filter(({ markerOffset }) => markerOffset >= highWatermark);
    let stable = highWatermark;
    for (const { firstOffset } of this.#unseen) if (firstOffset < stable) stable = firstOffset;
    const open = this.#producers.firstOpenOffset;
    return open !== undefined && open < stable ? open : stable;
  }

  /** Those with records among what was read from the offset on. */
  abortedIn(offset: bigint, records: Buffer): readonly AbortedTransaction[] {
    let end = offset;
    for (const batch of batchesIn(records)) end = batch.lastOffset + 1n;
    return end === offset ? [] : this.#aborted.find(offset, end);
  }
}
