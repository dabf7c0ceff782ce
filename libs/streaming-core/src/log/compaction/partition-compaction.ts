import type { Clock, DurationMs, Logger } from '../../contract/index.ts';
import type { AbortedIndex } from '../aborted-index.ts';
import { LogDamage } from '../damage.ts';
import { syncFolder } from '../durable-file.ts';
import type { IndexMemory } from '../index-memory.ts';
import type { ProducerState } from '../producer-states.ts';
import { Segment, type SegmentContext } from '../segment.ts';
import type { SegmentList } from '../segment-list.ts';
import type { TopicSettings } from '../topic-settings.ts';
import { MalformedBytes } from '../varint.ts';
import { cleanLog, type CleaningResult } from './clean-log.ts';
import { cleanableRange, type CleanableRange } from './cleanable-range.ts';
import { beginSwap, finishSwap, removeAll } from './segment-swap.ts';
import { WorkSlices, WorkStopped } from './work-slices.ts';

/** What compaction sees of a partition. */
export interface CompactablePartition {
  readonly name: string;
  readonly folder: string;
  readonly settings: { readonly current: TopicSettings };
  readonly segments: SegmentList;
  readonly aborted: AbortedIndex;
  readonly logStartOffset: bigint;
  readonly lastStableOffset: bigint;
  producers(): readonly ProducerState[];
  flush(): Promise<void>;
}

export interface CompactionContext {
  readonly segments: SegmentContext;
  readonly indexMemory: IndexMemory;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly checkpoint: () => Promise<void>;
  readonly compaction: CompactionOptions;
}

export interface CompactionOptions {
  /** Memory for the keys of one round (Kafka's log.cleaner.dedupe.buffer.size). */
  readonly keyBytesMax: number;
  /** How long it may hold up everybody else at a time. */
  readonly sliceMs: DurationMs;
  readonly onCompacted: (round: CompactedPartition) => void;
}

/** A finished round. */
export interface CompactedPartition extends CleaningResult {
  readonly name: string;
  readonly longestSliceMs: DurationMs;
}

/** Compaction of one partition: when a round is due, the round itself, and how far it has come. */
export class PartitionCompaction {
  readonly #partition: CompactablePartition;
  readonly #context: CompactionContext;
  #cleanedTo: bigint | undefined;
  #slices: WorkSlices | undefined;
  #stopped = false;
  #uncleanable = false;

  constructor(partition: CompactablePartition, context: CompactionContext, cleanedTo: bigint | undefined) {
    this.#partition = partition;
    this.#context = context;
    this.#cleanedTo = cleanedTo;
  }

  /** Everything below was compacted. */
  get cleanedTo(): bigint | undefined {
    return this.#cleanedTo;
  }
  get isRunning(): boolean {
    return this.#slices !== undefined;
  }

  /** What a round would do now; undefined when none is due. */
  due(): CleanableRange | undefined {
    if (this.#stopped || this.#uncleanable) return undefined;
    const { settings, segments, logStartOffset, lastStableOffset } = this.#partition;
    return cleanableRange({
      segments: segments.all,
      logStartOffset,
      lastStableOffset,
      cleanedTo: this.#cleanedTo,
      settings: settings.current,
      nowMs: BigInt(this.#context.clock.now()),
    });
  }

  /** The round in progress ends at its next pause; none begins any more. */
  stop(): void {
    this.#stopped = true;
    this.#slices?.stop();
  }

  /** One round, if one is due. Nobody else may remove segments meanwhile. Never rejects: what failed is logged and tried again, or given up. */
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
    const { name, folder, settings, segments, aborted } = this.#partition;
    const result = await cleanLog({
      folder,
      context: this.#context.segments,
      segments: segments.all.filter(({ baseOffset }) => baseOffset < range.endOffset),
      range,
      settings: settings.current,
      nowMs: BigInt(this.#context.clock.now()),
      aborted: aborted.find(segments.first.baseOffset, range.endOffset),
      producers: new Map(this.#partition.producers().map((state) => [state.producerId, state])),
      keyBytesMax: this.#context.compaction.keyBytesMax,
      slices,
      swap: (replaced, removedMarkers) => this.#swap(replaced, removedMarkers, slices),
    });
    this.#cleanedTo = result.cleanedTo;
    await slices.outside(() => this.#context.checkpoint());
    const { longestMs: longestSliceMs } = slices;
    this.#context.logger.info({ ...result, cleanedTo: String(result.cleanedTo), partition: name, longestSliceMs }, 'log compacted');
    this.#context.compaction.onCompacted({ ...result, name, longestSliceMs });
  }

  /** Readers see the old segments or the new one: the exchange happens between two of their reads. */
  async #swap(replaced: readonly Segment[], removedMarkers: ReadonlySet<bigint>, slices: WorkSlices): Promise<void> {
    const { folder, segments, aborted } = this.#partition;
    const { baseOffset } = replaced[0]!;
    const bases = replaced.map((segment) => segment.baseOffset);
    beginSwap(folder, baseOffset);
    await slices.outside(() => syncFolder(folder));
    for (const segment of replaced) {
      this.#context.segments.files.close(segment.path);
      this.#context.indexMemory.forget(segment);
    }
    const leftovers = finishSwap(folder, bases);
    const cleaned = Segment.open(folder, baseOffset, this.#context.segments);
    segments.replace(replaced, cleaned);
    aborted.merge(bases, ({ lastOffset }) => !removedMarkers.has(lastOffset));
    this.#context.indexMemory.used(cleaned);
    await slices.outside(async () => {
      await syncFolder(folder);
      await removeAll(leftovers);
    });
  }

  #report(error: unknown): void {
    if (error instanceof WorkStopped || this.#stopped) return;
    const { name } = this.#partition;
    this.#uncleanable = error instanceof LogDamage || error instanceof MalformedBytes;
    const next = this.#uncleanable ? 'it is not tried again before a restart' : 'it is tried again';
    this.#context.logger.error({ err: error, partition: name }, `compaction of ${name} failed: ${next}`);
  }
}
