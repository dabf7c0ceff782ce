import {
  ClientError,
  type CommittedOffset,
  type OffsetsOwner,
  type OffsetToCommit,
  type TopicPartition,
} from '@millrace/streaming-core/client';
import type { Clock } from '@millrace/streaming-core/runtime';
import { placeName } from '../place-name.ts';
import type { Choices } from './choices.fake.ts';
import { PartitionLog, type AppendedRecord, type Outcome } from './partition-log.fake.ts';

/** A producer's claim to a transactional id. A later one with the same id fences it. */
export interface ProducerClaim {
  readonly transactionalId: string;
  readonly epoch: number;
}

class LogTransaction implements Outcome {
  outcome: Outcome['outcome'] = 'undecided';
  /** The decision about the transaction, set from its end until its markers are written. */
  decided: 'committed' | 'aborted' | undefined;
  readonly partitions = new Set<PartitionLog>();
  readonly offsets = new Map<string, CommittedOffset>();
}

interface Coordinated {
  epoch: number;
  current: LogTransaction | undefined;
}

interface TransactionalLogParts {
  /** The partitions of each topic. */
  readonly topics: ReadonlyMap<string, number>;
  readonly clock: Clock;
  readonly choices: Choices;
  readonly transactionTimeoutMs: number;
  /** True if the member of the group may commit offsets now. */
  readonly isMember: (owner: OffsetsOwner) => boolean;
}

const markersMsMax = 20;

/**
 * A broker's logs, transactions and group offsets in memory. Each call is atomic and takes no time,
 * but some time may pass between the end of a transaction and its markers.
 */
export class TransactionalLog {
  readonly #parts: TransactionalLogParts;
  readonly #partitions = new Map<string, PartitionLog>();
  readonly #producers = new Map<string, Coordinated>();
  readonly #offsets = new Map<string, CommittedOffset>();

  constructor(parts: TransactionalLogParts) {
    this.#parts = parts;
    for (const [topic, count] of parts.topics)
      for (let partition = 0; partition < count; partition += 1) {
        const place = { topic, partition };
        this.#partitions.set(placeName(place), new PartitionLog(place));
      }
  }

  partitionCount(topic: string): number {
    return this.#parts.topics.get(topic)!;
  }

  partition(place: TopicPartition): PartitionLog {
    return this.#partitions.get(placeName(place))!;
  }

  /** Takes over a transactional id. Aborts an open transaction, and waits for a decided one. */
  claim(transactionalId: string): ProducerClaim {
    const producer = this.#producers.get(transactionalId) ?? { epoch: -1, current: undefined };
    this.#producers.set(transactionalId, producer);
    if (producer.current?.decided !== undefined) throw concurrent(transactionalId);
    producer.epoch += 1;
    if (producer.current !== undefined) {
      this.#decide(producer, 'aborted');
      if (producer.current !== undefined) throw concurrent(transactionalId);
    }
    return { transactionalId, epoch: producer.epoch };
  }

  append(claim: ProducerClaim, place: TopicPartition, record: AppendedRecord): bigint {
    const transaction = this.#open(claim);
    const partition = this.partition(place);
    transaction.partitions.add(partition);
    return partition.append(record, transaction);
  }

  commitOffsets(claim: ProducerClaim, owner: OffsetsOwner, offsets: readonly OffsetToCommit[]): void {
    const transaction = this.#open(claim);
    if (!this.#parts.isMember(owner))
      throw new ClientError('not_member', `${owner.memberId} is not in generation ${owner.generationId}`);
    for (const one of offsets)
      transaction.offsets.set(placeName(one), { metadata: null, ...one } as CommittedOffset);
  }

  end(claim: ProducerClaim, outcome: 'committed' | 'aborted'): void {
    const producer = this.#fencing(claim);
    if (producer.current?.decided !== undefined && producer.current.decided !== outcome)
      throw concurrent(claim.transactionalId);
    this.#decide(producer, outcome);
  }

  /**
   * Throws `unreachable`, after which the client retries, while a transaction has offsets of these
   * partitions.
   */
  stableOffsets(places: readonly TopicPartition[]): readonly CommittedOffset[] {
    for (const { current } of this.#producers.values())
      if (places.some((place) => current?.offsets.has(placeName(place))))
        throw new ClientError('unreachable', 'offsets are in a transaction');
    return places.flatMap((place) => this.#offsets.get(placeName(place)) ?? []);
  }

  #open(claim: ProducerClaim): LogTransaction {
    const producer = this.#fencing(claim);
    if (producer.current?.decided !== undefined) throw concurrent(claim.transactionalId);
    return (producer.current ??= this.#begun(producer));
  }

  #begun(producer: Coordinated): LogTransaction {
    const transaction = new LogTransaction();
    this.#parts.clock.after(this.#parts.transactionTimeoutMs, () => {
      if (producer.current !== transaction || transaction.decided !== undefined) return;
      producer.epoch += 1;
      this.#decide(producer, 'aborted');
    });
    return transaction;
  }

  #fencing({ transactionalId, epoch }: ProducerClaim): Coordinated {
    const producer = this.#producers.get(transactionalId);
    if (producer?.epoch === epoch) return producer;
    throw new ClientError('fenced', `epoch ${epoch} of ${transactionalId} is over`);
  }

  #decide(producer: Coordinated, outcome: 'committed' | 'aborted'): void {
    const transaction = producer.current;
    if (transaction === undefined || transaction.decided !== undefined) return;
    transaction.decided = outcome;
    const afterMs = this.#parts.choices.below(markersMsMax);
    if (afterMs === 0) this.#complete(producer, transaction, outcome);
    else this.#parts.clock.after(afterMs, () => this.#complete(producer, transaction, outcome));
  }

  #complete(producer: Coordinated, transaction: LogTransaction, outcome: 'committed' | 'aborted'): void {
    transaction.outcome = outcome;
    for (const partition of transaction.partitions) partition.appendMarker();
    if (outcome === 'committed')
      for (const [name, offset] of transaction.offsets) this.#offsets.set(name, offset);
    producer.current = undefined;
  }
}

const concurrent = (transactionalId: string) =>
  new ClientError('unreachable', `a transaction of ${transactionalId} is about to end`);
