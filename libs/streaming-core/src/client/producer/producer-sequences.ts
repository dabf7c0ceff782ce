import type { BatchOrigin } from './batch-encoding.ts';
import type { TopicPartition } from '../types.ts';

/**
 * The identity of a producer (KIP-98). The epoch distinguishes it from its predecessors and
 * successors.
 */
export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

interface Place {
  epoch: number;
  sequence: number;
}

/** Sequence numbers have 31 bits and wrap around (KIP-98). */
const sequences = 2 ** 31;
const epochMax = 2 ** 15 - 1;

/**
 * Keeps the epoch and sequence number of a producer's next batch for each partition. The broker
 * checks both per partition.
 */
export class ProducerSequences {
  readonly #identity: ProducerIdentity;
  readonly #places = new Map<string, Place>();
  #usedUp = false;

  constructor(identity: ProducerIdentity) {
    this.#identity = identity;
  }

  /** True once the producer needs another producer id. */
  get usedUp(): boolean {
    return this.#usedUp;
  }

  next(at: TopicPartition): BatchOrigin {
    const { epoch, sequence } = this.#placeOf(at);
    return { producerId: this.#identity.producerId, producerEpoch: epoch, baseSequence: sequence };
  }

  written(at: TopicPartition, records: number): void {
    const place = this.#placeOf(at);
    place.sequence = (place.sequence + records) % sequences;
  }

  /**
   * Raises the epoch in this partition and restarts its sequence at 0 (KIP-360). Without
   * transactions this needs no request. From the first batch of the new epoch on, the broker
   * rejects late batches of the old one, so none can be written late or twice.
   */
  raiseEpoch(at: TopicPartition): void {
    const place = this.#placeOf(at);
    if (place.epoch === epochMax) this.#usedUp = true;
    else Object.assign(place, { epoch: place.epoch + 1, sequence: 0 });
  }

  /** Called when the broker rejects this identity. */
  giveUp(): void {
    this.#usedUp = true;
  }

  #placeOf({ topic, partition }: TopicPartition): Place {
    const name = `${topic}/${partition}`;
    const place = this.#places.get(name) ?? { epoch: this.#identity.producerEpoch, sequence: 0 };
    this.#places.set(name, place);
    return place;
  }
}
