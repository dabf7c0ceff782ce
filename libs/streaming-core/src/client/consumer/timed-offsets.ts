import type { TopicPartition } from '../topic-partition.ts';
import type { LogReader, PartitionOffset } from './log-reader.ts';

/** A time to look for in a partition. */
export type PartitionTime = TopicPartition & {
  /** Unix time in milliseconds. */
  readonly timestampMs: number;
};

/** The offset of a record that was found by its time, and the record's own timestamp. */
export type OffsetForTime = PartitionOffset & Pick<PartitionTime, 'timestampMs'>;

/** Returns undefined for partitions without a record of that time or later. */
export async function timedOffsets(
  reader: Pick<LogReader, 'find'>,
  times: readonly PartitionTime[],
): Promise<ReadonlyArray<OffsetForTime | undefined>> {
  const found = await reader.find(
    times.map(({ topic, partition, timestampMs }) => ({ topic, partition, timestamp: BigInt(timestampMs) })),
  );
  return times.map(({ topic, partition }, index) => {
    const { offset, timestamp } = found[index]!;
    return offset < 0n ? undefined : { topic, partition, offset, timestampMs: Number(timestamp) };
  });
}
