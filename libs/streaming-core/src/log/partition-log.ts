import { readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Logger } from '../contract/index.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { LogDamage } from './damage.ts';
import { isDiskFull } from './disk.ts';
import { syncFolder } from './durable-file.ts';
import { GroupCommit, type FlushPolicy } from './group-commit.ts';
import type { IndexMemory } from './index-memory.ts';
import { checkProducedBatch } from './produced-batch.ts';
import { encodeProducerSnapshot } from './producer-snapshot.ts';
import type { ProducerStates } from './producer-states.ts';
import type { RecordBatch } from './record-batch.ts';
import { Segment, segmentName, type SegmentContext } from './segment.ts';
import type { StorageHealth } from './storage-health.ts';
import { findByTimestamp, findMaxTimestamp } from './timestamp-search.ts';
import type { TopicSettings } from './topic-settings.ts';
import type { AppendResult, PartitionLog, ReadLimits, TimestampedOffset } from './types.ts';

/** What a partition shares with the others of its data folder. */
export interface PartitionContext {
  readonly segments: SegmentContext;
  readonly indexMemory: IndexMemory;
  readonly health: StorageHealth;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly flush: FlushPolicy;
  /** The recovery checkpoint is due: a segment was left. */
  readonly onRolled: () => void;
}

/** What recovery found on disk, or what a new partition begins with. */
export interface PartitionContents {
  readonly topic: string;
  readonly partition: number;
  readonly folder: string;
  readonly settings: TopicSettings;
  readonly segments: Segment[];
  readonly producers: ProducerStates;
}

/** Of one read, whatever the client allows: a larger answer would hold up everyone else on this thread. */
const readBytesMax = 8 * 1024 * 1024;
const relativeOffsetMax = 2_147_483_647n;
const snapshotsKept = 2;
const nothing = Buffer.alloc(0);

/** A partition in segment files. See `PartitionLog` for what it promises. */
export class SegmentedPartitionLog implements PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly leaderEpoch = 0;
  readonly folder: string;
  readonly #contents: PartitionContents;
  readonly #context: PartitionContext;
  readonly #commit: GroupCommit;
  readonly #watchers = new Set<() => void>();
  readonly #stopListening: () => void;
  #unsynced = new Set<Segment>();
  #folderUnsynced = false;
  #wakeUpDue = false;
  #unavailable: ProtocolError | undefined;

  constructor(contents: PartitionContents, context: PartitionContext) {
    this.topic = contents.topic;
    this.partition = contents.partition;
    this.folder = contents.folder;
    this.#contents = contents;
    this.#context = context;
    this.#commit = new GroupCommit({
      policy: context.flush,
      flushedOffset: this.logEndOffset,
      sync: () => this.#sync(),
      onFlushed: () => this.#wakeWatchers(),
      onFailed: (cause) => context.health.fail(`fsync of ${this.topic}-${this.partition} failed`, cause),
    });
    this.#stopListening = context.health.onOffline((cause) => this.#becomeUnavailable(cause));
  }

  get logStartOffset(): bigint {
    return this.#contents.segments[0]!.baseOffset;
  }
  get logEndOffset(): bigint {
    return this.#active.nextOffset;
  }
  get highWatermark(): bigint {
    return this.#context.flush === 'commit' ? this.#commit.flushedOffset : this.logEndOffset;
  }
  /** Without transactions nothing is undecided. */
  get lastStableOffset(): bigint {
    return this.highWatermark;
  }
  /** Everything below is on disk: what the recovery checkpoint says. */
  get flushedOffset(): bigint {
    return this.#commit.flushedOffset;
  }

  append(bytes: Buffer): AppendResult {
    this.#checkAvailable();
    const { settings, producers } = this.#contents;
    const nowMs = this.#context.clock.now();
    const batch = checkProducedBatch(bytes, settings, nowMs);
    const known = producers.duplicateOf(batch);
    if (known !== undefined) return this.#answer({ ...known, duplicate: true });
    if (settings.logAppendTime) batch.stampAppendTime(BigInt(nowMs));
    this.#write(batch);
    producers.record(batch, nowMs);
    return this.#answer({ baseOffset: batch.baseOffset, lastOffset: batch.lastOffset, timestampMs: batch.maxTimestamp, duplicate: false });
  }

  read(offset: bigint, limits: ReadLimits): Buffer {
    this.#checkAvailable();
    if (offset < this.logStartOffset || offset > this.logEndOffset)
      throw new ProtocolError('OFFSET_OUT_OF_RANGE', `offset ${offset} is not in [${this.logStartOffset}, ${this.logEndOffset}]`);
    const end = this.highWatermark;
    if (offset >= end) return nothing;
    const segment = this.#segmentOf(offset);
    return this.#guarded(segment, () => segment.read(offset, end, { ...limits, maxBytes: Math.min(limits.maxBytes, readBytesMax) }));
  }

  offsetForTimestamp(timestampMs: bigint): TimestampedOffset | undefined {
    this.#checkAvailable();
    return this.#guarded(this.#active, () => findByTimestamp(this.#contents.segments, timestampMs, this.highWatermark));
  }

  maxTimestamp(): TimestampedOffset | undefined {
    this.#checkAvailable();
    return this.#guarded(this.#active, () => findMaxTimestamp(this.#contents.segments, this.highWatermark));
  }

  watch(listener: () => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  flush(): Promise<void> {
    return this.#commit.flush();
  }

  /** Everything on disk, indexes and producer states beside it; the files are closed. */
  async close(): Promise<void> {
    this.#stopListening();
    try {
      if (this.#unavailable !== undefined) return;
      await this.flush();
      this.#writeAids(this.#active);
    } finally {
      await this.#release();
    }
  }

  /** Answers from here on as a partition that does not exist; resolves when its files are closed. */
  async delete(): Promise<void> {
    this.#stopListening();
    this.#becomeUnavailable(new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `${this.topic}-${this.partition} was deleted`));
    await this.#release();
  }

  async #release(): Promise<void> {
    this.#becomeUnavailable(new ProtocolError('KAFKA_STORAGE_ERROR', `${this.topic}-${this.partition} is closed: the broker is stopping`));
    await this.#commit.idle();
    for (const segment of this.#contents.segments) {
      this.#context.segments.files.close(segment.path);
      this.#context.indexMemory.forget(segment);
    }
  }

  get #active(): Segment {
    return this.#contents.segments.at(-1)!;
  }

  #answer(appended: { baseOffset: bigint; lastOffset: bigint; timestampMs: bigint; duplicate: boolean }): AppendResult {
    const { baseOffset, lastOffset, duplicate } = appended;
    const logAppendTimeMs = this.#contents.settings.logAppendTime ? appended.timestampMs : -1n;
    const durable = duplicate ? this.#commit.durable(lastOffset + 1n) : this.#commit.wrote(lastOffset + 1n);
    if (this.#context.flush !== 'commit' && !duplicate) this.#wakeWatchers();
    return { baseOffset, lastOffset, logAppendTimeMs, duplicate, durable };
  }

  #write(batch: RecordBatch): void {
    try {
      this.#rollWhenFull(batch);
      batch.place(this.logEndOffset, this.leaderEpoch);
      this.#markUnsynced(this.#active);
      this.#active.append(batch);
    } catch (error) {
      const place = `${this.topic}-${this.partition}`;
      if (!isDiskFull(error)) throw this.#context.health.fail(`write to ${place} failed`, error);
      this.#context.logger.error(
        { err: error, topic: this.topic, partition: this.partition },
        `no space left for ${place}: appends are refused`,
      );
      throw new ProtocolError('KAFKA_STORAGE_ERROR', `no space left on the disk of ${place}: make room; appends resume by themselves`, {
        cause: error,
      });
    }
  }

  #rollWhenFull(batch: RecordBatch): void {
    const left = this.#active;
    const bytesFit = left.sizeBytes === 0 || left.sizeBytes + batch.sizeBytes <= this.#contents.settings.segmentBytes;
    const offsetsFit = left.nextOffset + BigInt(batch.lastOffsetDelta) - left.baseOffset <= relativeOffsetMax;
    if (bytesFit && offsetsFit) return;
    this.#contents.segments.push(Segment.create(this.folder, left.nextOffset, this.#context.segments));
    this.#folderUnsynced = true;
    this.#writeAids(left);
    this.#context.indexMemory.used(left);
    void this.flush()
      .then(() => this.#context.onRolled())
      .catch(() => undefined); // the log directory is offline then, and has said so
  }

  /** Indexes and snapshot only save time after a restart: without them the log itself is read. */
  #writeAids(left: Segment): void {
    try {
      left.writeIndexFiles();
      this.#writeSnapshot();
    } catch (error) {
      this.#context.logger.warn(
        { err: error, topic: this.topic, partition: this.partition },
        'index or producer snapshot could not be written',
      );
    }
  }

  #writeSnapshot(): void {
    const name = `${segmentName(this.logEndOffset)}.snapshot`;
    writeFileSync(join(this.folder, name), encodeProducerSnapshot(this.#contents.producers.all()));
    const stored = readdirSync(this.folder).filter((one) => one.endsWith('.snapshot'));
    for (const old of stored.sort().slice(0, -snapshotsKept)) unlinkSync(join(this.folder, old));
  }

  #markUnsynced(segment: Segment): void {
    if (this.#unsynced.has(segment)) return;
    this.#context.segments.files.pin(segment.path);
    this.#unsynced.add(segment);
  }

  async #sync(): Promise<void> {
    this.#context.health.check();
    const { disk, files } = this.#context.segments;
    const [segments, folder] = [this.#unsynced, this.#folderUnsynced];
    this.#unsynced = new Set();
    this.#folderUnsynced = false;
    await Promise.all([...segments].map((segment) => disk.sync(files.use(segment.path))));
    if (folder) await syncFolder(this.folder);
    for (const segment of segments) files.unpin(segment.path);
  }

  #segmentOf(offset: bigint): Segment {
    const { segments } = this.#contents;
    let [low, high] = [0, segments.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (segments[middle]!.baseOffset <= offset) low = middle;
      else high = middle - 1;
    }
    return segments[low]!;
  }

  #guarded<Result>(segment: Segment, work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof LogDamage)) throw new ProtocolError('KAFKA_STORAGE_ERROR', `${segment.path} cannot be read`, { cause: error });
      const cause = damaged(this.topic, this.partition, error);
      this.#context.logger.error({ err: error, topic: this.topic, partition: this.partition }, cause.message);
      this.#becomeUnavailable(cause);
      throw cause;
    } finally {
      if (segment !== this.#active) this.#context.indexMemory.used(segment);
    }
  }

  #checkAvailable(): void {
    if (this.#unavailable !== undefined) throw this.#unavailable;
  }

  #becomeUnavailable(cause: ProtocolError): void {
    this.#unavailable ??= cause;
    this.#commit.fail(this.#unavailable);
    this.#wakeWatchers();
  }

  /** After the answers of this turn are on their way: consumers wait for producers, not the other way round. */
  #wakeWatchers(): void {
    if (this.#wakeUpDue) return;
    this.#wakeUpDue = true;
    setImmediate(() => {
      this.#wakeUpDue = false;
      for (const listener of [...this.#watchers]) this.#call(listener);
    });
  }

  #call(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#context.logger.error({ err: error, topic: this.topic, partition: this.partition }, 'a watcher of the partition failed');
    }
  }
}

export const damaged = (topic: string, partition: number, cause: unknown) =>
  new ProtocolError(
    'KAFKA_STORAGE_ERROR',
    `${topic}-${partition} is damaged and offline: restore its folder from a copy, or delete the topic`,
    {
      cause,
    },
  );
