import type { DurationMs } from '../../runtime/index.ts';
import { nameOf } from '../partition-names.ts';
import type { TopicPartition } from '../types.ts';
import type { ActiveProducer, PartitionProducers } from './producer-admin.ts';

/** A transaction that is open on a partition. */
export interface PartitionTransaction extends TopicPartition, ActiveProducer {
  readonly transactionStartOffset: bigint;
}

/** A transaction as its coordinator knows it. */
export interface CoordinatedTransaction {
  readonly producerId: bigint;
  /** The partitions that have no marker yet. */
  readonly partitions: readonly TopicPartition[];
}

/** Lists the transactions in which nothing has been written for longer than `longerThanMs`. */
export const staleTransactions = (
  described: readonly PartitionProducers[],
  nowMs: number,
  longerThanMs: DurationMs,
): readonly PartitionTransaction[] =>
  described.flatMap(({ topic, partition, producers }) =>
    producers.flatMap(({ transactionStartOffset, ...producer }) =>
      transactionStartOffset !== undefined && nowMs - producer.lastTimestampMs > longerThanMs
        ? [{ topic, partition, ...producer, transactionStartOffset }]
        : [],
    ),
  );

/**
 * Returns the transactions that no coordinator will end: none of them knows the producer, or the
 * one that does has no marker left to write to the partition.
 */
export function withoutCoordinator(
  open: readonly PartitionTransaction[],
  coordinated: readonly CoordinatedTransaction[],
): readonly PartitionTransaction[] {
  const awaited = new Set(
    coordinated.flatMap(({ producerId, partitions }) =>
      partitions.map((place) => `${producerId} ${nameOf(place)}`),
    ),
  );
  return open.filter((one) => !awaited.has(`${one.producerId} ${nameOf(one)}`));
}
