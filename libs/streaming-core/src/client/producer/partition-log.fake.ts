import type { ProducerBatch } from './producer-batch.ts';
import type { BatchOrigin } from './batch-encoding.ts';

/** A request with one batch, as it was written to a connection. */
export interface WrittenRequest {
  readonly batch: ProducerBatch;
  readonly origin: BatchOrigin;
  readonly values: readonly string[];
  /** True if the batch may have been on the log before this request. */
  readonly repeats: boolean;
}

export type Answer = 'written' | 'duplicate' | 'out of order' | 'fenced';

interface KnownProducer {
  epoch: number;
  next: number;
  recent: readonly { readonly first: number; readonly count: number }[];
}

/** How many batches of a producer Kafka recognizes. */
const recentMax = 5;

/** A partition that checks epochs and sequences as Kafka does, one producer id at a time. */
export class PartitionLogFake {
  readonly values: string[] = [];
  readonly #producers = new Map<bigint, KnownProducer>();

  /** Forgets every producer, as a broker does after `producer.id.expiration.ms`. */
  forget(): void {
    this.#producers.clear();
  }

  /** Raises the epoch of a producer, as the end of a transaction does (KIP-890). */
  raiseEpoch(producerId: bigint, epoch: number): void {
    this.#producers.set(producerId, { epoch, next: 0, recent: [] });
  }

  append({
    origin: { producerId, producerEpoch: epoch, baseSequence: first },
    values,
  }: WrittenRequest): Answer {
    const count = values.length;
    const known = this.#producers.get(producerId);
    if (known && epoch < known.epoch) return 'fenced';
    if (known && epoch === known.epoch) {
      if (known.recent.some((one) => one.first === first && one.count === count)) return 'duplicate';
      if (first !== known.next) return 'out of order';
    }
    // Kafka accepts any number of a producer that it does not know.
    if (known && epoch > known.epoch && first !== 0) return 'out of order';
    const recent = known?.epoch === epoch ? known.recent : [];
    this.#producers.set(producerId, {
      epoch,
      next: first + count,
      recent: [...recent, { first, count }].slice(-recentMax),
    });
    this.values.push(...values);
    return 'written';
  }
}
