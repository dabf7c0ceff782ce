import type { BatchOrigin } from './batch-encoding.ts';
import type { TopicPartition } from '../types.ts';

/** Who a producer is to the brokers (KIP-98): the epoch tells it from its predecessors and successors. */
export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

interface Place {
  epoch: number;
  sequence: number;
}

/** Sequence numbers are 31 bits wide and go round (KIP-98). */
const sequences = 2 ** 31;
const epochMax = 2 ** 15 - 1;

/** What a producer writes next to each partition. A broker knows a producer's epoch and sequence by partition, so each partition has its own. */
export class ProducerSequences {
  readonly #identity: ProducerIdentity;
  readonly #places = new Map<string, Place>();
  #usedUp = false;

  constructor(identity: ProducerIdentity) {
    this.#identity = identity;
  }

  /** Another producer id has to be asked for. */
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
   * Begins anew in this partition (KIP-360), which needs no request without transactions. What is late under the epoch before is refused from the first
   * batch of the new one on: it can come neither after that nor twice.
   */
  raiseEpoch(at: TopicPartition): void {
    const place = this.#placeOf(at);
    if (place.epoch === epochMax) this.#usedUp = true;
    else Object.assign(place, { epoch: place.epoch + 1, sequence: 0 });
  }

  /** The broker does not take this identity. */
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
