import type { DurationMs } from '../../runtime/index.ts';
import type { BatchOrigin } from './batch-encoding.ts';

/**
 * The identity of a producer (KIP-98). The epoch distinguishes it from its predecessors and
 * successors.
 */
export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** The identity of a running producer, which all of its partitions share. */
export interface AssignedIdentity extends ProducerIdentity {
  /** False for a transactional producer, whose epoch only the coordinator raises. */
  readonly raisable: boolean;
  /** True once the producer needs another identity. */
  usedUp: boolean;
}

/** Sequence numbers have 31 bits and wrap around (KIP-98). */
const sequences = 2 ** 31;
const epochMax = 2 ** 15 - 1;
/**
 * How long an acknowledgement proves that the broker has the producer's state. The broker forgets
 * it after `producer.id.expiration.ms`, which is one day by default.
 */
const proofMs: DurationMs = 10 * 60_000;

/**
 * The epoch and the sequence numbers of a producer in one partition. The broker checks both per
 * partition, so each partition can raise its epoch alone.
 */
export class PartitionSequence {
  #identity: AssignedIdentity | undefined;
  #epoch = 0;
  #next = 0;
  #confirmed = 0;
  #proof: { readonly at: number; readonly topicId: string } | undefined;

  get identity(): AssignedIdentity | undefined {
    return this.#identity;
  }

  /** Begins with the epoch of this identity, at sequence 0. */
  adopt(identity: AssignedIdentity): void {
    this.#identity = identity;
    this.#begin(identity.producerEpoch);
  }

  /** Returns the numbers of the next batch. */
  take(records: number): BatchOrigin {
    const baseSequence = this.#next;
    this.#next = (baseSequence + records) % sequences;
    return { producerId: this.#identity!.producerId, producerEpoch: this.#epoch, baseSequence };
  }

  /** Called when the broker has acknowledged the latest batch that it has written. */
  confirm({ baseSequence }: BatchOrigin, records: number): void {
    this.#confirmed = (baseSequence + records) % sequences;
  }

  /** Called with every acknowledgement. */
  prove(topicId: string, at: number): void {
    this.#proof = { topicId, at };
  }

  /**
   * Returns true if the broker certainly knows the sequence of this producer. Otherwise it would
   * accept any sequence number, so the second of two batches in flight could be written alone.
   */
  isProven(topicId: string, now: number): boolean {
    return this.#proof !== undefined && this.#proof.topicId === topicId && now - this.#proof.at < proofMs;
  }

  /** Gives the numbers of batches that were not written to the next batches. */
  rewind(): void {
    this.#next = this.#confirmed;
  }

  /**
   * Raises the epoch and restarts at 0 (KIP-360). Without transactions this needs no request. From
   * the first batch of the new epoch on, the broker rejects late batches of the old one.
   */
  raiseEpoch(): void {
    if (this.#epoch === epochMax || !this.#identity!.raisable) this.#identity!.usedUp = true;
    else this.#begin(this.#epoch + 1);
  }

  #begin(epoch: number): void {
    this.#epoch = epoch;
    this.#next = 0;
    this.#confirmed = 0;
    this.#proof = undefined;
  }
}
