import { damaged, LogDamage } from '../damage.ts';
import { OfflinePartitionLog } from './offline-partition-log.ts';
import { partitionFolder } from '../data-folder/partition-folders.ts';
import type { PartitionContents, PartitionContext } from '../partition-contents.ts';
import { SegmentedPartitionLog } from '../partition-log.ts';
import { recoverPartition } from './partition-recovery.ts';

export interface PartitionToOpen extends Pick<
  PartitionContents,
  'topic' | 'partition' | 'settings' | 'leaderEpoch' | 'cleanedTo'
> {
  readonly dataFolder: string;
  readonly recoveryPoint: bigint;
  /** Undefined if it is unknown: the log then begins with its first file. */
  readonly logStartOffset: bigint | undefined;
  readonly cleanShutdown: boolean;
  readonly context: PartitionContext;
}

/**
 * Recovers a partition from its folder. A damaged partition is opened as offline, with an error in
 * the log.
 */
export function openPartition(wanted: PartitionToOpen): SegmentedPartitionLog | OfflinePartitionLog {
  const { topic, partition, recoveryPoint, context } = wanted;
  const folder = partitionFolder(wanted.dataFolder, topic, partition);
  try {
    const { clock, logger, segments, producerExpirationMs } = context;
    const found = recoverPartition({
      ...wanted,
      folder,
      segments,
      producerExpirationMs,
      nowMs: clock.now(),
      logger,
    });
    for (const segment of found.segments.slice(0, -1)) context.indexMemory.used(segment);
    const leaderEpoch = newEpoch(wanted.leaderEpoch, found.epochs.latest);
    return new SegmentedPartitionLog({ ...wanted, folder, ...found, leaderEpoch }, context);
  } catch (error) {
    if (!(error instanceof LogDamage)) throw error;
    const cause = damaged(topic, partition, error);
    context.logger.error({ err: error, topic, partition }, cause.message);
    return new OfflinePartitionLog({
      topic,
      partition,
      logStartOffset: wanted.logStartOffset ?? 0n,
      flushedOffset: recoveryPoint,
      cleanedTo: wanted.cleanedTo,
      cause,
    });
  }
}

/**
 * A log that was copied from elsewhere may have newer epochs than this broker has counted. Its
 * epochs still have to rise.
 */
const newEpoch = (counted: number, latest = counted): number => (latest > counted ? latest + 2 : counted);
