import { damaged, LogDamage } from '../data-folder/storage-errors.ts';
import { partitionFolder } from '../topics/partition-folders.ts';
import type { PartitionContents, PartitionContext } from '../partition-contents.ts';
import { SegmentedPartitionLog } from '../partition-log.ts';
import { recoverPartition } from './partition-recovery.ts';
import type { ProtocolError } from '../../protocol/errors.ts';
import type { PartitionLog } from '../partition-log-port.ts';

interface PartitionToOpen extends Pick<
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
    return offlinePartition({
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

interface DamagedPartition {
  readonly topic: string;
  readonly partition: number;
  /** The values that were found, so that the checkpoints keep them. */
  readonly logStartOffset: bigint;
  readonly flushedOffset: bigint;
  readonly cleanedTo: bigint | undefined;
  readonly cause: ProtocolError;
}

/**
 * A partition with damaged files. It rejects every request with KAFKA_STORAGE_ERROR and does not
 * change the files.
 */
const offlinePartition = ({ cause, cleanedTo, ...known }: DamagedPartition) => {
  const refuse = (): never => {
    throw cause;
  };
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    ...known,
    unavailable: cause,
    leaderEpoch: 0,
    sizeBytes: 0,
    logEndOffset: 0n,
    highWatermark: 0n,
    lastStableOffset: 0n,
    producerStates: undefined,
    compaction: { cleanedTo, due: () => undefined },
    append: refuse,
    appendMarker: refuse,
    expectTransaction: refuse,
    abortedTransactions: refuse,
    producers: refuse,
    read: refuse,
    offsetForTimestamp: refuse,
    maxTimestamp: refuse,
    endOffsetForEpoch: refuse,
    deleteRecordsBefore: () => Promise.reject(cause),
    hasOpenTransaction: () => false,
    leaderEpochAt: () => undefined,
    onMoved: () => () => undefined,
    compact: nothing,
    deleteExpired: nothing,
    flush: nothing,
    close: nothing,
    delete: nothing,
  } satisfies PartitionLog & Record<string, unknown>;
};

export type OfflinePartitionLog = ReturnType<typeof offlinePartition>;
