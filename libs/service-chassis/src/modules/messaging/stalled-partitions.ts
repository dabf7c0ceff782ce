import type { PartitionStatus } from '@millrace/streaming-core/consumer';

/**
 * Partitions of this process on which nothing is handled until an operator acts, for a health
 * check.
 */
export interface StalledPartitions {
  /** The partitions whose stored offset does not match the log. The reason names the remedy. */
  readonly refused: readonly StalledPartition[];
  /** The partitions whose next message this process cannot handle. */
  readonly blocked: readonly StalledPartition[];
}

interface StalledPartition {
  /** `TOPIC/PARTITION`. */
  readonly partition: string;
  readonly reason: string;
}

export function stalledPartitions(partitions: readonly PartitionStatus[]): StalledPartitions {
  const inState = (wanted: PartitionStatus['state']): readonly StalledPartition[] =>
    partitions
      .filter(({ state }) => state === wanted)
      .map(({ topic, partition, failure }) => ({
        partition: `${topic}/${partition}`,
        reason: failure?.message ?? '',
      }));
  return { refused: inState('refused'), blocked: inState('blocked') };
}

export const noneStalled = ({ refused, blocked }: StalledPartitions): boolean =>
  refused.length === 0 && blocked.length === 0;
