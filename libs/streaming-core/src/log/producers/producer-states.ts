import { days, type DurationMs } from '../../runtime/clock.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { RecordBatch } from '../../records/record-batch.ts';
import type { TransactionMarker } from '../../records/records.ts';

/** One appended batch of an idempotent producer. */
export interface ProducedBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  readonly timestampMs: bigint;
}

export interface ProducerState {
  readonly producerId: bigint;
  readonly epoch: number;
  /** Epoch of the coordinator that wrote the producer's last marker, -1 before the first marker. */
  readonly coordinatorEpoch: number;
  /** First offset of its open transaction on this partition. */
  readonly transactionFirstOffset: bigint | undefined;
  /** Time of its last batch or marker. */
  readonly lastTimestampMs: bigint;
  /** The last five batches of its epoch, oldest first: a client may have five in flight. */
  readonly batches: readonly ProducedBatch[];
}

/** A transaction whose marker is in the log. */
export interface EndedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
  readonly markerOffset: bigint;
  readonly committed: boolean;
}

interface ProducerStatesOptions {
  /**
   * `producer.id.expiration.ms`, counted from the producer's last append. Called each time, because
   * the setting may change.
   */
  readonly expirationMs?: () => DurationMs;
  /** Beyond this number, the longest silent producer is forgotten. */
  readonly producersMax?: number;
}

const batchesMax = 5;
const sequenceModulus = 2_147_483_648;
/** The sequence of batches that a coordinator writes in a client's transaction. */
const noSequence = -1;
/** A producer without an epoch may continue at any sequence. */
const noEpoch = -1;

const lastSequenceOf = (batch: RecordBatch) =>
  batch.baseSequence === noSequence
    ? noSequence
    : (batch.baseSequence + batch.lastOffsetDelta) % sequenceModulus;

/**
 * The idempotent producers of one partition (KIP-98): enough about each to recognise duplicates and
 * gaps, and the first offset of each open transaction.
 */
export class ProducerStates {
  readonly #expirationMs: () => DurationMs;
  readonly #producersMax: number;
  /** The producers in the order of their last append, oldest first. */
  readonly #producers = new Map<bigint, ProducerState & { readonly seenAtMs: number }>();
  /** The first offset of each open transaction, by producer, lowest first. */
  readonly #open = new Map<bigint, bigint>();

  constructor(options: ProducerStatesOptions = {}) {
    this.#expirationMs = options.expirationMs ?? (() => days(1));
    this.#producersMax = options.producersMax ?? 20_000;
  }

  /** First offset of the oldest open transaction. */
  get firstOpenOffset(): bigint | undefined {
    for (const firstOffset of this.#open.values()) return firstOffset;
    return undefined;
  }

  hasOpenTransaction(producerId: bigint, epoch: number): boolean {
    return this.#open.has(producerId) && this.#producers.get(producerId)?.epoch === epoch;
  }

  find(producerId: bigint): ProducerState | undefined {
    return this.#producers.get(producerId);
  }

  /**
   * Returns the earlier batch if this one was appended before, or undefined if it is the next one.
   * An unknown producer may begin at any sequence. Throws OUT_OF_ORDER_SEQUENCE_NUMBER for a gap
   * and INVALID_PRODUCER_EPOCH for a fenced epoch.
   */
  duplicateOf(batch: RecordBatch): ProducedBatch | undefined {
    const { producerId, producerEpoch, baseSequence } = batch;
    if (producerId < 0n) return undefined;
    const state = this.#producers.get(producerId);
    if (state === undefined) return undefined;
    this.checkEpoch(producerId, producerEpoch);
    if (baseSequence === noSequence) return undefined;
    if (producerEpoch > state.epoch) {
      if (baseSequence !== 0 && state.epoch !== noEpoch) throw outOfOrder(producerId, 0, baseSequence);
      return undefined;
    }
    const lastSequence = lastSequenceOf(batch);
    const known = state.batches.find(
      (one) => one.firstSequence === baseSequence && one.lastSequence === lastSequence,
    );
    if (known !== undefined || state.epoch === noEpoch) return known;
    const expected = ((state.batches.at(-1)?.lastSequence ?? noSequence) + 1) % sequenceModulus;
    if (baseSequence !== expected) throw outOfOrder(producerId, expected, baseSequence);
    return undefined;
  }

  /** Throws INVALID_PRODUCER_EPOCH if a newer epoch is known. */
  checkEpoch(producerId: bigint, epoch: number): void {
    const known = this.#producers.get(producerId)?.epoch ?? epoch;
    if (epoch < known)
      throw new ProtocolError(
        'INVALID_PRODUCER_EPOCH',
        `producer ${producerId} has epoch ${known}, epoch ${epoch} is fenced`,
      );
  }

  /**
   * Call this after the batch is in the log with its final offsets, and for each batch when a log
   * is read again. Markers go to `end`.
   */
  record(batch: RecordBatch, nowMs: number): void {
    const { producerId, producerEpoch, baseSequence, baseOffset, lastOffset, maxTimestamp } = batch;
    if (producerId < 0n || batch.isControl) return;
    const known = this.#producers.get(producerId);
    const earlier = known?.epoch === producerEpoch ? known.batches.slice(1 - batchesMax) : [];
    const one = {
      firstSequence: baseSequence,
      lastSequence: lastSequenceOf(batch),
      baseOffset,
      lastOffset,
      timestampMs: maxTimestamp,
    };
    if (batch.isTransactional && !this.#open.has(producerId)) this.#open.set(producerId, baseOffset);
    this.#remember(
      {
        producerId,
        epoch: producerEpoch,
        coordinatorEpoch: known?.coordinatorEpoch ?? -1,
        transactionFirstOffset: this.#open.get(producerId),
        lastTimestampMs: maxTimestamp,
        batches: [...earlier, one],
      },
      nowMs,
    );
    this.forgetOld(nowMs);
  }

  /**
   * Call this after the marker is in the log. Returns undefined if the producer wrote nothing to
   * this partition in its transaction.
   */
  end(
    marker: TransactionMarker,
    markerOffset: bigint,
    timestampMs: bigint,
    nowMs: number,
  ): EndedTransaction | undefined {
    const { producerId, producerEpoch, coordinatorEpoch, committed } = marker;
    const known = this.#producers.get(producerId);
    const firstOffset = this.#open.get(producerId);
    this.#open.delete(producerId);
    const batches = known?.epoch === producerEpoch ? known.batches : [];
    this.#remember(
      {
        producerId,
        epoch: producerEpoch,
        coordinatorEpoch,
        transactionFirstOffset: undefined,
        lastTimestampMs: timestampMs,
        batches,
      },
      nowMs,
    );
    this.forgetOld(nowMs);
    return firstOffset === undefined ? undefined : { producerId, firstOffset, markerOffset, committed };
  }

  restore(states: readonly ProducerState[], nowMs: number): void {
    for (const state of states) this.#remember(state, nowMs);
    const open = states.flatMap(({ producerId, transactionFirstOffset: at }) =>
      at === undefined ? [] : [[producerId, at] as const],
    );
    for (const [producerId, at] of open.sort(([, a], [, b]) => (a < b ? -1 : 1)))
      this.#open.set(producerId, at);
  }

  all(): readonly ProducerState[] {
    return [...this.#producers.values()];
  }

  get size(): number {
    return this.#producers.size;
  }

  /**
   * Forgets producers that were silent for too long, and the longest silent ones beyond the limit.
   */
  forgetOld(nowMs: number, producersMax = this.#producersMax): void {
    const seenBeforeMs = nowMs - this.#expirationMs();
    for (const { producerId, seenAtMs } of this.#producers.values()) {
      if (this.#producers.size <= producersMax && seenAtMs >= seenBeforeMs) return;
      // A producer with an open transaction stays: the last stable offset depends on it.
      if (!this.#open.has(producerId)) this.#producers.delete(producerId);
    }
  }

  #remember(state: ProducerState, seenAtMs: number): void {
    this.#producers.delete(state.producerId);
    this.#producers.set(state.producerId, { ...state, seenAtMs });
  }
}

const outOfOrder = (producerId: bigint, expected: number, found: number) =>
  new ProtocolError(
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    `producer ${producerId} sent sequence ${found}, but ${expected} is next`,
  );
