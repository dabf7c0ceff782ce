import { ProtocolError } from '../protocol/errors.ts';
import type { RecordBatch } from './record-batch.ts';

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
  /** The last five, oldest first: as many as a client may have in flight. */
  readonly batches: readonly ProducedBatch[];
}

export interface ProducerStatesOptions {
  /** `producer.id.expiration.ms`, by the time of the producer's last append. */
  readonly expirationMs?: number;
  /** Beyond it the producer that was silent for longest is forgotten. */
  readonly producersMax?: number;
}

const batchesMax = 5;
const sequenceModulus = 2_147_483_648;

const lastSequenceOf = (batch: RecordBatch) => (batch.baseSequence + batch.lastOffsetDelta) % sequenceModulus;

/** What one partition knows of its idempotent producers (KIP-98): enough to recognise a batch that was sent twice, and a gap. */
export class ProducerStates {
  readonly #expirationMs: number;
  readonly #producersMax: number;
  /** In the order of the last append, oldest first. */
  readonly #producers = new Map<bigint, ProducerState & { readonly seenAtMs: number }>();

  constructor(options: ProducerStatesOptions = {}) {
    this.#expirationMs = options.expirationMs ?? 86_400_000;
    this.#producersMax = options.producersMax ?? 20_000;
  }

  /**
   * The earlier batch when this one was appended before; undefined when it is next in line. A producer that is not known may begin anywhere.
   * Throws OUT_OF_ORDER_SEQUENCE_NUMBER for a gap, INVALID_PRODUCER_EPOCH for a fenced epoch.
   */
  duplicateOf(batch: RecordBatch): ProducedBatch | undefined {
    const { producerId, producerEpoch, baseSequence } = batch;
    if (producerId < 0n) return undefined;
    const state = this.#producers.get(producerId);
    if (state === undefined) return undefined;
    if (producerEpoch < state.epoch)
      throw new ProtocolError('INVALID_PRODUCER_EPOCH', `producer ${producerId} has epoch ${state.epoch}, the batch has ${producerEpoch}`);
    if (producerEpoch > state.epoch) {
      if (baseSequence !== 0) throw outOfOrder(producerId, 0, baseSequence);
      return undefined;
    }
    const lastSequence = lastSequenceOf(batch);
    const known = state.batches.find((one) => one.firstSequence === baseSequence && one.lastSequence === lastSequence);
    if (known !== undefined) return known;
    const expected = (state.batches.at(-1)!.lastSequence + 1) % sequenceModulus;
    if (baseSequence !== expected) throw outOfOrder(producerId, expected, baseSequence);
    return undefined;
  }

  /** After the batch is in the log, with its final offsets; also when a log is read again, in its order. */
  record(batch: RecordBatch, nowMs: number): void {
    const { producerId, producerEpoch, baseSequence, baseOffset, lastOffset, maxTimestamp } = batch;
    if (producerId < 0n || batch.isControl) return;
    const known = this.#producers.get(producerId);
    const earlier = known?.epoch === producerEpoch ? known.batches.slice(1 - batchesMax) : [];
    const one = { firstSequence: baseSequence, lastSequence: lastSequenceOf(batch), baseOffset, lastOffset, timestampMs: maxTimestamp };
    this.#remember({ producerId, epoch: producerEpoch, batches: [...earlier, one] }, nowMs);
    this.#forgetOld(nowMs);
  }

  restore(states: readonly ProducerState[], nowMs: number): void {
    for (const state of states) this.#remember(state, nowMs);
  }

  all(): readonly ProducerState[] {
    return [...this.#producers.values()];
  }

  #remember(state: ProducerState, seenAtMs: number): void {
    this.#producers.delete(state.producerId);
    this.#producers.set(state.producerId, { ...state, seenAtMs });
  }

  #forgetOld(nowMs: number): void {
    for (const { producerId, seenAtMs } of this.#producers.values()) {
      if (this.#producers.size <= this.#producersMax && seenAtMs + this.#expirationMs >= nowMs) return;
      this.#producers.delete(producerId);
    }
  }
}

const outOfOrder = (producerId: bigint, expected: number, found: number) =>
  new ProtocolError('OUT_OF_ORDER_SEQUENCE_NUMBER', `producer ${producerId} sent sequence ${found} where ${expected} is next`);
