import { readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProtocolError } from '../protocol/errors.ts';
import type { RecordBatch } from '../records/record-batch.ts';
import { segmentName } from './data-folder/folder-listing.ts';
import { isOutOfFiles, shortageOf, type Disk, readIfPresent } from './disk/disk.ts';
import { type EpochStart, writeLeaderEpochs } from './leader-epochs/leader-epochs.ts';
import type { PartitionContents, PartitionContext } from './partition-contents.ts';
import { encodeProducerSnapshot } from './producers/producer-snapshot.ts';
import type { SegmentList } from './segments/segment-list.ts';
import { Segment } from './segments/segment.ts';
import type { Clock } from '../runtime/index.ts';
import type { TopicSettings } from './topics/topic-settings.ts';
import type { OpenFiles } from './segments/open-files.ts';

interface UnsyncedFilesOptions {
  readonly folder: string;
  readonly disk: Disk;
  readonly files: OpenFiles;
}

/** The files of a partition's folder that were written but not yet synced. */
class UnsyncedFiles {
  readonly #options: UnsyncedFilesOptions;
  #segments = new Set<Segment>();
  #paths = new Set<string>();
  #folderChanged = false;

  constructor(options: UnsyncedFilesOptions) {
    this.#options = options;
  }

  /**
   * Call this before the segment is written. Its file then stays open, because only the descriptor
   * that wrote the data learns of a failure.
   */
  written(segment: Segment): void {
    if (this.#segments.has(segment)) return;
    this.#options.files.pin(segment.path);
    this.#segments.add(segment);
  }

  folderChanged(): void {
    this.#folderChanged = true;
  }

  /** Call this after a small file was replaced. */
  replaced(path: string): void {
    this.#paths.add(path);
    this.#folderChanged = true;
  }

  async sync(): Promise<void> {
    const { folder, disk, files } = this.#options;
    const segments = this.#segments;
    const paths = this.#paths;
    const folderChanged = this.#folderChanged;
    this.#segments = new Set();
    this.#paths = new Set();
    this.#folderChanged = false;
    await Promise.all([...segments].map((segment) => disk.sync(files.use(segment.path), segment.path)));
    // Unpin first: the files that are opened next may need the descriptors.
    for (const segment of segments) files.unpin(segment.path);
    for (const path of paths) await disk.syncPath(path);
    if (folderChanged) await disk.syncPath(folder);
  }
}

interface WritingOptions {
  readonly contents: PartitionContents;
  readonly segments: SegmentList;
  readonly context: PartitionContext;
  readonly flush: () => Promise<void>;
}

const snapshotsKept = 2;

/**
 * Writes to the files of one partition: batches, new segments and the files beside them. They are
 * on disk after `sync`.
 */
export class PartitionWriting {
  readonly #contents: PartitionContents;
  readonly #segments: SegmentList;
  readonly #context: PartitionContext;
  readonly #flush: () => Promise<void>;
  readonly #unsynced: UnsyncedFiles;
  readonly #rollPolicy: RollPolicy;
  /** Whether the index files and the producer snapshot are newer than the last batch. */
  #indexesAreCurrent: boolean;

  constructor({ contents, segments, context, flush }: WritingOptions) {
    this.#contents = contents;
    this.#segments = segments;
    this.#context = context;
    this.#flush = flush;
    this.#indexesAreCurrent = contents.indexesAreCurrent;
    this.#unsynced = new UnsyncedFiles({ folder: contents.folder, ...context.segments });
    this.#rollPolicy = new RollPolicy({ ...context, settings: contents.settings });
  }

  sync(): Promise<void> {
    return this.#unsynced.sync();
  }

  /**
   * Appends the batch to the log, with its base offset and leader epoch. Throws
   * KAFKA_STORAGE_ERROR.
   */
  write(batch: RecordBatch): void {
    const { topic, partition, leaderEpoch, epochs } = this.#contents;
    this.#indexesAreCurrent = false;
    try {
      if (this.#rollPolicy.isDue(this.#segments.active, batch)) this.roll();
      batch.place(this.#segments.active.nextOffset, leaderEpoch);
      epochs.begin(leaderEpoch, batch.baseOffset, (starts) => this.#saveEpochs(starts));
      this.#unsynced.written(this.#segments.active);
      this.#segments.active.append(batch);
    } catch (error) {
      if (isOutOfFiles(error) && this.#context.segments.files.giveWay()) return this.write(batch);
      const place = `${topic}-${partition}`;
      const shortage = shortageOf(error);
      if (shortage === undefined) throw this.#context.health.fail(`write to ${place} failed`, error);
      const refusal = new ProtocolError(
        'KAFKA_STORAGE_ERROR',
        `${place} accepts no appends, ${shortage}. They resume without a restart`,
        { cause: error },
      );
      this.#context.logger.error({ err: error, topic, partition }, refusal.message);
      throw refusal;
    }
  }

  /**
   * Rolls the active segment. Nothing can fail once the new one exists. On a full disk the old one
   * stays active, and the next batch tries again.
   */
  roll(): void {
    const left = this.#segments.active;
    this.#unsynced.folderChanged();
    const create = () => Segment.create(this.#contents.folder, left.nextOffset, this.#context.segments);
    this.#segments.push(this.#contents.aborted.begin(left.nextOffset, create));
    this.#rollPolicy.segmentBegan();
    this.#writeIndexes(left);
    this.#context.indexMemory.used(left);
    void this.#flush()
      .then(() => this.#context.checkpoint())
      .catch(() => undefined); // the log directory is offline then, which is logged elsewhere
  }

  /**
   * Call this before a stop. Writes the files that the next start would otherwise have to rebuild.
   */
  writeStaleIndexes(): void {
    const isCurrent = this.#indexesAreCurrent && this.#context.segments.checksums.isSaved;
    if (!isCurrent) this.#writeIndexes(this.#segments.active);
  }

  /**
   * Writes the indexes of a segment that was rolled or is being closed, and a producer snapshot. They
   * only save time at the next start: without them the log is read. Skips a snapshot that has not
   * changed, because a write would wait for the disk.
   */
  #writeIndexes(left: Segment): void {
    const { topic, partition, folder, producers, aborted } = this.#contents;
    const { disk, checksums } = this.#context.segments;
    try {
      left.writeIndexFiles();
      aborted.complete(left.baseOffset, disk);
      const snapshotPath = join(folder, `${segmentName(this.#segments.active.nextOffset)}.snapshot`);
      const snapshot = encodeProducerSnapshot(producers.all());
      if (readIfPresent(snapshotPath)?.equals(snapshot) !== true) writeFileSync(snapshotPath, snapshot);
      const stored = readdirSync(folder).filter((one) => /^\d{20}\.snapshot$/.test(one));
      for (const old of stored.sort().slice(0, -snapshotsKept)) unlinkSync(join(folder, old));
      checksums.save();
    } catch (error) {
      this.#indexesAreCurrent = false;
      this.#context.logger.warn(
        { err: error, topic, partition },
        'could not write the index or the producer snapshot',
      );
    }
  }

  /**
   * Never fails, because the file only saves time: a start that finds the old epochs forgets them
   * again.
   */
  forgetEpochsBelow(start: bigint): void {
    const { topic, partition, epochs } = this.#contents;
    try {
      epochs.beginAt(start, (starts) => this.#saveEpochs(starts));
    } catch (error) {
      this.#context.logger.warn({ err: error, topic, partition }, 'could not write the leader epochs');
    }
  }

  #saveEpochs(starts: readonly EpochStart[]): void {
    this.#unsynced.replaced(writeLeaderEpochs(this.#contents.folder, starts));
  }
}

interface RollPolicyOptions {
  readonly settings: { readonly current: TopicSettings };
  readonly clock: Clock;
  /** Returns a number from 0 up to, but not including, 1. */
  readonly random: () => number;
}

const relativeOffsetMax = 2_147_483_647n;

/**
 * Decides when the active segment is rolled: for its size, its indexes, its range of offsets or its
 * age, by Kafka's rules.
 */
class RollPolicy {
  readonly #options: RollPolicyOptions;
  #activeSinceMs = 0n;
  #jitter = 0;

  constructor(options: RollPolicyOptions) {
    this.#options = options;
    this.segmentBegan();
  }

  /** Call this when a new segment is active, or the log was opened. */
  segmentBegan(): void {
    this.#activeSinceMs = BigInt(this.#options.clock.now());
    this.#jitter = this.#options.random();
  }

  /** Call this before the batch is appended. */
  isDue(active: Segment, batch: RecordBatch): boolean {
    if (active.sizeBytes === 0) return false;
    if (active.sizeBytes + batch.sizeBytes > this.#options.settings.current.segmentBytes) return true;
    if (active.isIndexFull(this.#options.settings.current.indexBytesMax)) return true;
    if (active.nextOffset + BigInt(batch.lastOffsetDelta) - active.baseOffset > relativeOffsetMax)
      return true;
    return this.#ageWith(active, batch) > this.#ageMax();
  }

  /**
   * Computed from the times of the records if they have any, otherwise the time since the segment
   * became active.
   */
  #ageWith(active: Segment, batch: RecordBatch): bigint {
    const first = active.firstTimestampMs ?? -1n;
    return first >= 0n ? batch.maxTimestamp - first : BigInt(this.#options.clock.now()) - this.#activeSinceMs;
  }

  #ageMax(): bigint {
    const { segmentMs, segmentJitterMs } = this.#options.settings.current;
    const jitterMs = segmentJitterMs < segmentMs ? segmentJitterMs : segmentMs;
    return segmentMs - BigInt(Math.floor(Number(jitterMs) * this.#jitter));
  }
}
