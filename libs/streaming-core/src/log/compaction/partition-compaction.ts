import { pause, type Clock } from '../../runtime/clock.ts';
import type { DurationMs, Logger } from '../../runtime/index.ts';
import type { AbortedIndex } from '../transactions/aborted-index.ts';
import { LogDamage } from '../data-folder/storage-errors.ts';
import { isDiskFull } from '../disk/disk.ts';
import type { IndexMemory, SegmentList } from '../segments/segment-list.ts';
import type { ProducerStates } from '../producers/producer-states.ts';
import { Segment } from '../segments/segment.ts';
import type { SegmentContext } from '../segments/segment-file.ts';
import { segmentName } from '../data-folder/folder-listing.ts';
import type { StorageHealth } from '../disk/storage-health.ts';
import type { TopicSettings } from '../topics/topic-settings.ts';
import type { PartitionLog } from '../partition-log-port.ts';
import { MalformedBytes } from '../../records/varint.ts';
import { cleanLog, type CleanableRange, type CompactedPartition } from './clean-log.ts';
import { beginSwap, finishSwap, removeAll } from './segment-swap.ts';
import { WorkSlices, WorkStopped } from '../../runtime/work-slices.ts';

interface SegmentToClean {
  readonly baseOffset: bigint;
  readonly sizeBytes: number;
  readonly firstTimestampMs: bigint | undefined;
  readonly newestMs: bigint;
}

interface LogToClean {
  readonly segments: readonly SegmentToClean[];
  readonly logStartOffset: bigint;
  /** From this offset on, transactions may still be open. */
  readonly lastStableOffset: bigint;
  /** The offset at which the last round ended, or undefined if there was none. */
  readonly cleanedTo: bigint | undefined;
  readonly settings: TopicSettings;
  readonly nowMs: bigint;
}

/**
 * Returns what a round of compaction may clean now, or undefined if a round is not worth it. Never
 * includes the active segment, records younger than `min.compaction.lag.ms`, or open transactions.
 */
function cleanableRange(log: LogToClean): CleanableRange | undefined {
  if (!log.settings.compacted) return undefined;
  const endOffset = firstUncleanable(log);
  const { compaction } = log.settings;
  const known = log.cleanedTo ?? 0n;
  const firstDirtyOffset =
    known < log.logStartOffset || known > endOffset ? min(log.logStartOffset, endOffset) : known;
  const below = log.segments.filter(({ baseOffset }) => baseOffset < endOffset);
  const dirty = below.filter((_, place) => (below[place + 1]?.baseOffset ?? endOffset) > firstDirtyOffset);
  const dirtyBytes = totalBytes(dirty);
  if (dirtyBytes === 0) return undefined;
  const dirtyRatio = dirtyBytes / totalBytes(below);
  const oldestMs = dirty[0]?.firstTimestampMs;
  const overdue = oldestMs !== undefined && oldestMs >= 0n && log.nowMs - oldestMs > compaction.lagMsMax;
  return dirtyRatio > compaction.dirtyRatioMin || overdue
    ? { firstDirtyOffset, endOffset, dirtyRatio }
    : undefined;
}

function firstUncleanable({ segments, lastStableOffset, settings, nowMs }: LogToClean): bigint {
  const { lagMsMin } = settings.compaction;
  const active = segments.at(-1)!.baseOffset;
  const holding = segments.findLast(({ baseOffset }) => baseOffset <= lastStableOffset)?.baseOffset ?? 0n;
  const young =
    lagMsMin > 0n ? segments.find(({ newestMs }) => newestMs > nowMs - lagMsMin)?.baseOffset : undefined;
  return min(active, min(holding, young ?? active));
}

const totalBytes = (segments: readonly SegmentToClean[]): number =>
  segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

const min = (one: bigint, other: bigint): bigint => (one < other ? one : other);

type CompactablePartition = Pick<
  PartitionLog,
  'topic' | 'partition' | 'logStartOffset' | 'lastStableOffset' | 'flush'
>;

interface CompactableContents {
  readonly folder: string;
  readonly settings: { readonly current: TopicSettings };
  readonly segments: SegmentList;
  readonly aborted: AbortedIndex;
  readonly producers: Pick<ProducerStates, 'all'>;
  readonly cleanedTo: bigint | undefined;
}

interface CompactionContext {
  readonly segments: SegmentContext;
  readonly indexMemory: IndexMemory;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly health: Pick<StorageHealth, 'fail'>;
  readonly checkpoint: () => Promise<void>;
  readonly compaction: CompactionOptions;
}

export interface CompactionOptions {
  /** Memory for the keys of one round (Kafka's log.cleaner.dedupe.buffer.size). */
  readonly keyBytesMax: () => number;
  /** How long compaction may block the thread at a time. */
  readonly sliceMs: DurationMs;
  readonly onCompacted: (round: CompactedPartition) => void;
}

const retryMs = 200;

/** Compacts one partition: decides when a round is due, runs it, and knows how far it has come. */
export class PartitionCompaction {
  readonly #partition: CompactablePartition;
  readonly #contents: CompactableContents;
  readonly #context: CompactionContext;
  readonly #name: string;
  #cleanedTo: bigint | undefined;
  #slices: WorkSlices | undefined;
  readonly #stopping = new AbortController();
  #uncleanable = false;

  constructor(partition: CompactablePartition, contents: CompactableContents, context: CompactionContext) {
    this.#partition = partition;
    this.#contents = contents;
    this.#context = context;
    this.#name = `${partition.topic}-${partition.partition}`;
    this.#cleanedTo = contents.cleanedTo;
  }

  /** Everything below this offset was compacted. */
  get cleanedTo(): bigint | undefined {
    return this.#cleanedTo;
  }
  get isRunning(): boolean {
    return this.#slices !== undefined;
  }

  /** Returns the range that a round would compact now, or undefined if none is due. */
  due(): CleanableRange | undefined {
    if (this.#stopping.signal.aborted || this.#uncleanable) return undefined;
    const { logStartOffset, lastStableOffset } = this.#partition;
    return cleanableRange({
      segments: this.#contents.segments.all,
      logStartOffset,
      lastStableOffset,
      cleanedTo: this.#cleanedTo,
      settings: this.#contents.settings.current,
      nowMs: BigInt(this.#context.clock.now()),
    });
  }

  /** Ends the round in progress at its next pause. No other round begins. */
  stop(): void {
    this.#stopping.abort();
    this.#slices?.stop();
  }

  /**
   * Runs a round if one is due. Nothing else may remove segments in the meantime. Never rejects: a
   * failure is logged, and the next round tries again or compaction gives up.
   */
  async run(): Promise<void> {
    try {
      await this.#partition.flush();
      const range = this.due();
      if (range === undefined) return;
      this.#slices = new WorkSlices(this.#context.clock, this.#context.compaction);
      await this.#round(range, this.#slices);
    } catch (error) {
      this.#report(error);
    } finally {
      this.#slices = undefined;
    }
  }

  async #round(range: CleanableRange, slices: WorkSlices): Promise<void> {
    const { folder, settings, segments, aborted, producers } = this.#contents;
    const result = await cleanLog({
      folder,
      context: this.#context.segments,
      segments: segments.all.filter(({ baseOffset }) => baseOffset < range.endOffset),
      range,
      settings: settings.current,
      nowMs: BigInt(this.#context.clock.now()),
      aborted: aborted.find(segments.first.baseOffset, range.endOffset),
      producers: new Map(producers.all().map((state) => [state.producerId, state])),
      keyBytesMax: this.#context.compaction.keyBytesMax(),
      slices,
      swap: (replaced, removedMarkers) => this.#swap(replaced, removedMarkers, slices),
    });
    this.#cleanedTo = result.cleanedTo;
    await slices.outside(() => this.#context.checkpoint());
    const name = this.#name;
    const longestSliceMs = slices.longestMs;
    this.#context.logger.info(
      { ...result, cleanedTo: String(result.cleanedTo), partition: name, longestSliceMs },
      'log compacted',
    );
    this.#context.compaction.onCompacted({ ...result, name, longestSliceMs });
  }

  /**
   * Replaces the old segments with the new one between two reads, so that a reader sees one or the
   * other.
   */
  async #swap(
    replaced: readonly Segment[],
    removedMarkers: ReadonlySet<bigint>,
    slices: WorkSlices,
  ): Promise<void> {
    const { folder, segments, aborted } = this.#contents;
    const { baseOffset } = replaced[0]!;
    const bases = replaced.map((segment) => segment.baseOffset);
    beginSwap(folder, baseOffset);
    await slices.outside(() => this.#syncFolder());
    for (const segment of replaced) {
      this.#context.segments.files.close(segment.path);
      this.#context.indexMemory.forget(segment);
    }
    const leftovers = await this.#finishSwap(bases, slices);
    for (const extension of ['index', 'timeindex'])
      this.#context.segments.checksums.forget(`${segmentName(baseOffset)}.${extension}`);
    const cleaned = Segment.open(folder, baseOffset, this.#context.segments);
    segments.replace(replaced, cleaned);
    aborted.merge(bases, ({ lastOffset }) => !removedMarkers.has(lastOffset), this.#context.segments.disk);
    this.#context.segments.checksums.save();
    this.#context.indexMemory.used(cleaned);
    await slices.outside(async () => {
      await this.#syncFolder();
      await removeAll(leftovers);
    });
  }

  /**
   * Finishes the swap, which can no longer be undone. Waits while the disk is full; the swapped
   * records cannot be read then. Takes the log directory offline after any other failure.
   */
  async #finishSwap(bases: readonly bigint[], slices: WorkSlices): Promise<readonly string[]> {
    const name = this.#name;
    for (let attempt = 0; ; attempt += 1)
      try {
        return finishSwap(this.#contents.folder, bases);
      } catch (error) {
        if (!isDiskFull(error))
          throw this.#context.health.fail(`the swap of segments of ${name} failed`, error);
        const fields = { err: error, partition: name };
        if (attempt === 0)
          this.#context.logger.error(
            fields,
            `no space left to swap segments of ${name}: make room. The broker tries again`,
          );
        await slices.outside(() => pause(this.#context.clock, retryMs, this.#stopping.signal));
      }
  }

  async #syncFolder(): Promise<void> {
    await this.#context.segments.disk.syncPath(this.#contents.folder).catch((error: unknown) => {
      throw this.#context.health.fail(`fsync of the folder of ${this.#name} failed`, error);
    });
  }

  #report(error: unknown): void {
    if (error instanceof WorkStopped || this.#stopping.signal.aborted) return;
    this.#uncleanable = error instanceof LogDamage || error instanceof MalformedBytes;
    const next = this.#uncleanable ? 'it will not be tried again before a restart' : 'it will be tried again';
    this.#context.logger.error(
      { err: error, partition: this.#name },
      `compaction of ${this.#name} failed: ${next}`,
    );
  }
}
