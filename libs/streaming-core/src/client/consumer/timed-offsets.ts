import type { OffsetForTime, PartitionTime } from '../topic-partition.ts';
import type { LogReader } from './log-reader.ts';

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
