import type { PartitionStatus } from '@millrace/streaming-core/consumer';

/**
 * Partitions of this process on which nothing is handled until an operator acts, for a health
 * check.
 */
export interface StalledPartitions {
  /** `TOPIC/PARTITION` of the partitions whose stored offset does not match the log. */
  readonly refused: readonly string[];
  /** The partitions whose next message this process cannot handle, and the reason. */
  readonly blocked: ReadonlyArray<{ readonly partition: string; readonly reason: string }>;
}

export function stalledPartitions(partitions: readonly PartitionStatus[]): StalledPartitions {
  const nameOf = ({ topic, partition }: PartitionStatus) => `${topic}/${partition}`;
  return {
    refused: partitions.filter(({ state }) => state === 'refused').map(nameOf),
    blocked: partitions
      .filter(({ state }) => state === 'blocked')
      .map((status) => ({ partition: nameOf(status), reason: status.failure?.message ?? '' })),
  };
}

export const noneStalled = ({ refused, blocked }: StalledPartitions): boolean =>
  refused.length === 0 && blocked.length === 0;
