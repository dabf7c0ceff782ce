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

/**
 * A partition with damaged files. It rejects every request with KAFKA_STORAGE_ERROR and does not
 * change the files.
 */
export class OfflinePartitionLog implements PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly leaderEpoch = 0;
  readonly sizeBytes = 0;
  /** The values that were found, so that the checkpoints keep them. */
  readonly logStartOffset: bigint;
  readonly flushedOffset: bigint;
  readonly producerStates = undefined;
  readonly compaction: { readonly cleanedTo: bigint | undefined; due(): undefined };
  readonly logEndOffset = 0n;
  readonly highWatermark = 0n;
  readonly lastStableOffset = 0n;
  readonly unavailable: ProtocolError;

  constructor(options: {
    readonly topic: string;
    readonly partition: number;
    readonly logStartOffset: bigint;
    readonly flushedOffset: bigint;
    readonly cleanedTo: bigint | undefined;
    readonly cause: ProtocolError;
  }) {
    this.topic = options.topic;
    this.partition = options.partition;
    this.logStartOffset = options.logStartOffset;
    this.flushedOffset = options.flushedOffset;
    this.compaction = { cleanedTo: options.cleanedTo, due: () => undefined };
    this.unavailable = options.cause;
  }

  append(): never {
    throw this.unavailable;
  }
  appendMarker(): never {
    throw this.unavailable;
  }
  hasOpenTransaction(): boolean {
    return false;
  }
  expectTransaction(): never {
    throw this.unavailable;
  }
  abortedTransactions(): never {
    throw this.unavailable;
  }
  producers(): never {
    throw this.unavailable;
  }
  read(): never {
    throw this.unavailable;
  }
  offsetForTimestamp(): never {
    throw this.unavailable;
  }
  maxTimestamp(): never {
    throw this.unavailable;
  }
  leaderEpochAt(): undefined {
    return undefined;
  }
  endOffsetForEpoch(): never {
    throw this.unavailable;
  }
  deleteRecordsBefore(): Promise<never> {
    return Promise.reject(this.unavailable);
  }
  compact(): Promise<void> {
    return Promise.resolve();
  }
  deleteExpired(): Promise<void> {
    return Promise.resolve();
  }
  onMoved(): () => void {
    return () => undefined;
  }
  flush(): Promise<void> {
    return Promise.resolve();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
  delete(): Promise<void> {
    return Promise.resolve();
  }
}
