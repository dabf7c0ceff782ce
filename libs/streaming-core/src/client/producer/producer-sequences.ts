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

/** Sequence numbers have 31 bits and wrap around (KIP-98). */
const sequences = 2 ** 31;

/**
 * Keeps the sequence number of a transactional producer's next batch for each partition. The
 * coordinator raises the epoch for all partitions at once, which brings another instance.
 */
export class ProducerSequences {
  readonly #identity: ProducerIdentity;
  readonly #next = new Map<string, number>();

  constructor(identity: ProducerIdentity) {
    this.#identity = identity;
  }

  next(at: TopicPartition): BatchOrigin {
    const { producerId, producerEpoch } = this.#identity;
    return { producerId, producerEpoch, baseSequence: this.#next.get(nameOf(at)) ?? 0 };
  }

  written(at: TopicPartition, records: number): void {
    this.#next.set(nameOf(at), (this.next(at).baseSequence + records) % sequences);
  }
}

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;
