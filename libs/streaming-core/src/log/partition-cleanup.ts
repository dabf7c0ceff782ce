import { serialQueue } from '../runtime/serial-queue.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { PartitionCompaction } from './compaction/partition-compaction.ts';
import type { PartitionContents, PartitionContext } from './partition-contents.ts';
import type { PartitionLog } from './partition-log-port.ts';
import type { Segment } from './segments/segment.ts';
import type { SegmentList } from './segments/segment-list.ts';
import type { TopicSettings } from './topics/topic-settings.ts';

const toHighWatermark = -1n;

type CleanedPartition = Pick<
  PartitionLog,
  'topic' | 'partition' | 'logStartOffset' | 'logEndOffset' | 'highWatermark' | 'lastStableOffset' | 'flush'
>;

interface CleanupOptions {
  readonly contents: PartitionContents;
  readonly segments: SegmentList;
  readonly context: PartitionContext;
  /** Begins a new segment, so that all earlier ones can be deleted. */
  readonly roll: () => void;
  readonly onStartMoved: () => void;
  /** Forgets the leader epochs that ended below the offset. */
  readonly forgetEpochsBelow: (offset: bigint) => void;
}

/**
 * Removes old records of one partition: deletion on request, retention and compaction. It knows
 * where the log starts.
 */
export class PartitionCleanup {
  readonly compaction: PartitionCompaction;
  readonly #partition: CleanedPartition;
  readonly #options: CleanupOptions;
  #logStartOffset: bigint;
  /** The start that is in the checkpoint. It is lower while the disk rejects the checkpoint. */
  #startOnDisk: bigint;
  /** Runs work that removes or replaces segments, one piece at a time. */
  readonly #oneByOne = serialQueue();

  constructor(partition: CleanedPartition, options: CleanupOptions) {
    const { contents, segments, context } = options;
    this.#partition = partition;
    this.#options = options;
    this.#logStartOffset = contents.logStartOffset;
    this.#startOnDisk = contents.logStartOffset;
    this.compaction = new PartitionCompaction(partition, { ...contents, segments }, context);
  }

  get logStartOffset(): bigint {
    return this.#logStartOffset;
  }

  async deleteRecordsBefore(offset: bigint): Promise<bigint> {
    const { topic, logEndOffset } = this.#partition;
    if (!this.#options.contents.settings.current.deletes)
      throw new ProtocolError(
        'POLICY_VIOLATION',
        `${topic} keeps the last record of each key: its cleanup.policy does not include delete`,
      );
    if (this.#partition.highWatermark < logEndOffset) await this.#partition.flush();
    const { highWatermark } = this.#partition;
    const start = offset === toHighWatermark ? highWatermark : offset;
    if (start < 0n || start > highWatermark)
      throw new ProtocolError(
        'OFFSET_OUT_OF_RANGE',
        `offset ${offset} is outside [0, ${highWatermark}]: nothing was deleted`,
      );
    await this.#raiseStart(start);
    return this.#startOnDisk;
  }

  async deleteExpired(): Promise<void> {
    const { contents, segments, context } = this.#options;
    const { topic, partition, highWatermark } = this.#partition;
    const now = { nowMs: BigInt(context.clock.now()), highWatermark };
    const count = expiredSegments(segments.all, contents.settings.current, now);
    if (count === 0) return;
    if (count === segments.all.length) this.#options.roll();
    const { baseOffset } = segments.all[count]!;
    context.logger.info(
      { topic, partition, segments: count, logStartOffset: String(baseOffset) },
      'retention deletes old segments',
    );
    await this.#raiseStart(baseOffset);
  }

  /** Runs a round of compaction if one is due. */
  compact(): Promise<void> {
    return this.#inTurn(() => this.compaction.run());
  }

  /**
   * Resolves when no work is in progress. A round of compaction in progress ends at its next pause.
   */
  async end(): Promise<void> {
    this.compaction.stop();
    await this.#oneByOne(() => Promise.resolve());
  }

  /** Closes the segments' files and forgets their indexes. */
  letGo(segments: readonly Segment[]): void {
    const { context } = this.#options;
    for (const segment of segments) {
      context.segments.files.close(segment.path);
      context.indexMemory.forget(segment);
    }
  }

  /**
   * Deleted records stay deleted: the new start is on disk before a file is deleted or a caller
   * gets its answer. The log is flushed first, because the new start may be its end.
   */
  async #raiseStart(start: bigint): Promise<void> {
    if (start <= this.#startOnDisk) return;
    if (start > this.#logStartOffset) {
      this.#logStartOffset = start;
      this.#options.onStartMoved();
    }
    await this.#partition.flush();
    await this.#options.context.checkpoint();
    if (start > this.#startOnDisk) this.#startOnDisk = start;
    this.#options.forgetEpochsBelow(this.#startOnDisk);
    const removed = this.#inTurn(() =>
      this.#removeFiles(this.#options.segments.takeBelow(this.#startOnDisk)),
    );
    if (!this.compaction.isRunning) await removed;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#oneByOne(work);
    done.catch((error: unknown) => {
      const { topic, partition } = this.#partition;
      this.#options.context.logger.warn({ err: error, topic, partition }, 'could not remove old segments');
    });
    return done;
  }

  /**
   * Deletes the oldest first, so that a crash leaves no gap. No read is in progress, because reads
   * are synchronous.
   */
  async #removeFiles(segments: readonly Segment[]): Promise<void> {
    this.letGo(segments);
    for (const segment of segments) {
      this.#options.contents.aborted.remove(segment.baseOffset);
      await segment.removeFiles();
    }
  }
}

export interface RetainedSegment {
  readonly sizeBytes: number;
  readonly nextOffset: bigint;
  /** Time of its newest record, or of its file if no record has a time. */
  readonly newestMs: bigint;
}

interface Now {
  readonly nowMs: bigint;
  readonly highWatermark: bigint;
}

/**
 * The number of oldest segments to delete. These are first the segments whose newest record is
 * older than `retention.ms`, and then as many more as leave the rest with at least
 * `retention.bytes`. Never includes records at or above the high watermark, or an empty last
 * segment.
 */
export function expiredSegments(
  segments: readonly RetainedSegment[],
  settings: TopicSettings,
  now: Now,
): number {
  if (!settings.deletes) return 0;
  const mayGo = (place: number) => {
    const segment = segments[place];
    return (
      segment !== undefined &&
      segment.nextOffset <= now.highWatermark &&
      !(place === segments.length - 1 && segment.sizeBytes === 0)
    );
  };
  let count = 0;
  if (settings.retentionMs >= 0n)
    while (mayGo(count) && now.nowMs - segments[count]!.newestMs > settings.retentionMs) count += 1;
  if (settings.retentionBytes < 0n) return count;
  let surplus =
    segments.slice(count).reduce((sum, { sizeBytes }) => sum + BigInt(sizeBytes), 0n) -
    settings.retentionBytes;
  while (mayGo(count) && surplus >= BigInt(segments[count]!.sizeBytes)) {
    surplus -= BigInt(segments[count]!.sizeBytes);
    count += 1;
  }
  return count;
}
