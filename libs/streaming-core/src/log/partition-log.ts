import { serialQueue } from '../runtime/serial-queue.ts';
import { ProtocolError } from '../protocol/errors.ts';
import type { AbortedTransaction } from './transactions/aborted-transactions.ts';
import { PartitionCompaction } from './compaction/partition-compaction.ts';
import { damaged, LogDamage } from './damage.ts';
import { isOutOfFiles, shortageOf } from './disk/disk.ts';
import type { ExpectedTransaction } from './producers/expected-transactions.ts';
import { GroupCommit } from './disk/group-commit.ts';
import { writeLeaderEpochs } from './leader-epochs/leader-epoch-file.ts';
import type { EpochStart } from './leader-epochs/leader-epochs.ts';
import type { PartitionContents, PartitionContext } from './partition-contents.ts';
import { PartitionTransactions } from './transactions/partition-transactions.ts';
import { offsetBehindEmptied } from '../records/emptied-batches.ts';
import { checkProducedBatch } from './batches/produced-batch.ts';
import type { ProducerState, ProducerStates } from './producers/producer-states.ts';
import { RecordBatch } from '../records/record-batch.ts';
import { inTopicCodec } from './batches/recompression.ts';
import { expiredSegments } from './retention/retention.ts';
import { RollPolicy } from './segments/roll-policy.ts';
import { Segment } from './segments/segment.ts';
import { writeAids } from './segments/segment-aids.ts';
import { SegmentList } from './segments/segment-list.ts';
import { findByTimestamp, findMaxTimestamp, type OffsetRange } from './segments/timestamp-search.ts';
import { encodeMarker, type TransactionMarker } from '../records/transaction-marker.ts';
import type {
  AppendOptions,
  AppendResult,
  EpochEnd,
  PartitionLog,
  TimestampedOffset,
} from './partition-log-port.ts';
import type { ReadLimits } from './segments/read-limits.ts';
import { UnsyncedFiles } from './segments/unsynced-files.ts';
import { Watchers } from './watchers.ts';

/** Of one read, whatever the client allows: a larger answer would hold up everyone else on this thread. */
const readBytesMax = 8 * 1024 * 1024;
const toHighWatermark = -1n;
const nothing = Buffer.alloc(0);

/** A partition in segment files. See `PartitionLog` for what it promises. */
export class SegmentedPartitionLog implements PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly folder: string;
  readonly #contents: PartitionContents;
  readonly #context: PartitionContext;
  readonly #segments: SegmentList;
  readonly #unsynced: UnsyncedFiles;
  readonly #transactions: PartitionTransactions;
  readonly #rollPolicy: RollPolicy;
  readonly #commit: GroupCommit;
  readonly #watchers: Watchers;
  readonly #stopListening: () => void;
  readonly compaction: PartitionCompaction;
  readonly producerStates: ProducerStates;
  #logStartOffset: bigint;
  /** What was checkpointed of it: the disk may refuse. */
  #startOnDisk: bigint;
  /** Nothing was written since the index files and the producer snapshot were. */
  #aidsAreCurrent: boolean;
  /** What changes the list of segments from the front goes one after the other. */
  readonly #oneByOne = serialQueue();
  #unavailable: ProtocolError | undefined;

  constructor(contents: PartitionContents, context: PartitionContext) {
    this.topic = contents.topic;
    this.partition = contents.partition;
    this.folder = contents.folder;
    this.leaderEpoch = contents.leaderEpoch;
    this.#logStartOffset = contents.logStartOffset;
    this.#startOnDisk = contents.logStartOffset;
    this.#aidsAreCurrent = contents.aidsAreCurrent;
    this.#segments = new SegmentList(contents.segments);
    this.#unsynced = new UnsyncedFiles({ folder: contents.folder, ...context.segments });
    this.#rollPolicy = new RollPolicy({ ...context, settings: contents.settings });
    this.#contents = contents;
    this.producerStates = contents.producers;
    this.#watchers = new Watchers(`${contents.topic}-${contents.partition}`, context.logger);
    this.#transactions = new PartitionTransactions(contents.producers, contents.aborted);
    this.#context = context;
    this.#commit = new GroupCommit({
      policy: context.flush,
      flushedOffset: this.logEndOffset,
      sync: async () => {
        context.health.check();
        const begunAt = context.clock.monotonic();
        await this.#unsynced.sync();
        context.onFlushed(context.clock.monotonic() - begunAt);
      },
      onFlushed: () => this.#watchers.wake(),
      onFailed: (cause) => context.health.fail(`fsync of ${this.topic}-${this.partition} failed`, cause),
    });
    this.compaction = new PartitionCompaction(this, { ...contents, segments: this.#segments }, context);
    this.#stopListening = context.health.onOffline((cause) => this.#becomeUnavailable(cause));
  }

  get logStartOffset(): bigint {
    return this.#logStartOffset;
  }
  get unavailable(): ProtocolError | undefined {
    return this.#unavailable;
  }
  get logEndOffset(): bigint {
    return this.#segments.active.nextOffset;
  }
  get sizeBytes(): number {
    return this.#segments.sizeBytes;
  }
  get highWatermark(): bigint {
    return this.#context.flush === 'commit' ? this.#commit.flushedOffset : this.logEndOffset;
  }
  get lastStableOffset(): bigint {
    const stable = this.#transactions.stableOffset(this.highWatermark);
    const start = this.logStartOffset;
    return stable < start ? start : stable;
  }
  /** Everything below is on disk: what the recovery checkpoint says. */
  get flushedOffset(): bigint {
    return this.#commit.flushedOffset;
  }

  append(bytes: Buffer, options: AppendOptions = {}): AppendResult {
    this.#checkAvailable();
    const settings = this.#contents.settings.current;
    const nowMs = this.#context.clock.now();
    const sent = checkProducedBatch(bytes, settings, nowMs, options.origin);
    const known = this.producerStates.duplicateOf(sent);
    if (known !== undefined) return this.#answer({ ...known, duplicate: true });
    this.#transactions.checkBatch(sent, options);
    const batch = inTopicCodec(sent, settings);
    if (settings.logAppendTime) batch.stampAppendTime(BigInt(nowMs));
    else if (batch.isLogAppendTime) batch.stampCreateTime();
    this.#write(batch);
    this.producerStates.record(batch, nowMs);
    this.#transactions.begun(batch);
    return this.#answer({
      baseOffset: batch.baseOffset,
      lastOffset: batch.lastOffset,
      timestampMs: batch.maxTimestamp,
      duplicate: false,
    });
  }

  appendMarker(marker: TransactionMarker): AppendResult {
    this.#checkAvailable();
    this.#transactions.checkMarker(marker);
    const nowMs = this.#context.clock.now();
    const batch = new RecordBatch(encodeMarker(marker, nowMs));
    this.#write(batch);
    const { baseOffset: offset, lastOffset, maxTimestamp: timestampMs } = batch;
    this.#transactions.end(marker, {
      offset,
      timestampMs,
      segmentBase: this.#segments.active.baseOffset,
      nowMs,
    });
    return this.#answer({ baseOffset: offset, lastOffset, timestampMs, duplicate: false });
  }

  hasOpenTransaction(producerId: bigint, epoch: number): boolean {
    return this.producerStates.hasOpenTransaction(producerId, epoch);
  }

  expectTransaction(expected: ExpectedTransaction): void {
    this.#transactions.expect(expected);
  }

  abortedTransactions(offset: bigint, records: Buffer): readonly AbortedTransaction[] {
    return this.#guarded(this.#segments.active, () => this.#transactions.abortedIn(offset, records));
  }

  producers(): readonly ProducerState[] {
    this.#checkAvailable();
    return this.producerStates.all();
  }

  /**
   * Passes over batches that compaction has emptied, as long as there is something behind them: a read of nothing else stops librdkafka, which takes
   * it for a record that does not fit, and kafka-go, which asks for the same offset for ever.
   */
  read(offset: bigint, limits: ReadLimits): Buffer {
    this.#checkAvailable();
    if (offset < this.logStartOffset || offset > this.logEndOffset)
      throw new ProtocolError(
        'OFFSET_OUT_OF_RANGE',
        `offset ${offset} is not in [${this.logStartOffset}, ${this.logEndOffset}]`,
      );
    const end = limits.committed === true ? this.lastStableOffset : this.highWatermark;
    if (offset >= end || (limits.maxBytes <= 0 && !limits.minOneBatch)) return nothing;
    const allowed = { ...limits, maxBytes: Math.min(limits.maxBytes, readBytesMax) };
    let records: Buffer = nothing;
    for (
      let from: bigint | undefined = offset;
      from !== undefined && from < end;
      from = offsetBehindEmptied(records)
    ) {
      const segment = this.#segments.holding(from);
      const start = from;
      const read = this.#guarded(segment, () => segment.read(start, end, allowed));
      if (read.length === 0) break;
      records = read;
    }
    return records;
  }

  offsetForTimestamp(timestampMs: bigint): TimestampedOffset | undefined {
    this.#checkAvailable();
    return this.#guarded(this.#segments.active, () =>
      findByTimestamp(this.#segments.all, timestampMs, this.#readable),
    );
  }

  maxTimestamp(): TimestampedOffset | undefined {
    this.#checkAvailable();
    return this.#guarded(this.#segments.active, () => findMaxTimestamp(this.#segments.all, this.#readable));
  }

  get #readable(): OffsetRange {
    return { startOffset: this.#logStartOffset, endOffset: this.highWatermark };
  }

  watch(listener: () => void): () => void {
    return this.#watchers.add(listener);
  }

  leaderEpochAt(offset: bigint): number | undefined {
    return this.#contents.epochs.epochAt(offset);
  }

  endOffsetForEpoch(leaderEpoch: number): EpochEnd {
    this.#checkAvailable();
    return this.#contents.epochs.endOf(leaderEpoch, this.leaderEpoch, this.logEndOffset);
  }

  async deleteRecordsBefore(offset: bigint): Promise<bigint> {
    this.#checkAvailable();
    if (!this.#contents.settings.current.deletes)
      throw new ProtocolError(
        'POLICY_VIOLATION',
        `${this.topic} keeps the last record of each key: its cleanup.policy has no delete`,
      );
    if (this.highWatermark < this.logEndOffset) await this.flush();
    const start = offset === toHighWatermark ? this.highWatermark : offset;
    if (start < 0n || start > this.highWatermark)
      throw new ProtocolError(
        'OFFSET_OUT_OF_RANGE',
        `offset ${offset} is not in [0, ${this.highWatermark}]: nothing was deleted`,
      );
    await this.#raiseStart(start);
    return this.#startOnDisk;
  }

  /** Retention (R2): lets go of segments whose time has come. */
  async deleteExpired(): Promise<void> {
    if (this.#unavailable !== undefined) return;
    const now = { nowMs: BigInt(this.#context.clock.now()), highWatermark: this.highWatermark };
    const count = expiredSegments(this.#segments.all, this.#contents.settings.current, now);
    if (count === 0) return;
    if (count === this.#segments.all.length) this.#roll();
    const { topic, partition } = this;
    const { baseOffset } = this.#segments.all[count]!;
    this.#context.logger.info(
      { topic, partition, segments: count, logStartOffset: String(baseOffset) },
      'retention deletes old segments',
    );
    await this.#raiseStart(baseOffset);
  }

  /** One round of compaction, if one is due. */
  compact(): Promise<void> {
    return this.#upkeep(() => this.compaction.run());
  }

  flush(): Promise<void> {
    return this.#commit.flush();
  }

  /** Everything on disk, indexes and producer states beside it; the files are closed. */
  async close(): Promise<void> {
    this.#stopListening();
    await this.#endUpkeep();
    try {
      if (this.#unavailable !== undefined) return;
      await this.flush();
      if (!this.#aidsAreCurrent || !this.#context.segments.checksums.isSaved)
        this.#writeAids(this.#segments.active);
    } finally {
      await this.#release();
    }
  }

  /** Answers from here on as a partition that does not exist; resolves when its files are closed. */
  async delete(): Promise<void> {
    this.#stopListening();
    this.#becomeUnavailable(
      new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `${this.topic}-${this.partition} was deleted`),
    );
    await this.#release();
  }

  async #release(): Promise<void> {
    this.#becomeUnavailable(
      new ProtocolError(
        'KAFKA_STORAGE_ERROR',
        `${this.topic}-${this.partition} is closed: the broker is stopping`,
      ),
    );
    await this.#commit.idle();
    await this.#endUpkeep();
    this.#letGo(this.#segments.all);
  }

  /** What is deleted stays so: the new start is on disk before a file goes or anyone is told, and the log's end before the start that it may become. */
  async #raiseStart(start: bigint): Promise<void> {
    if (start <= this.#startOnDisk) return;
    if (start > this.#logStartOffset) {
      this.#logStartOffset = start;
      this.#watchers.wake();
    }
    await this.flush();
    await this.#context.checkpoint();
    if (start > this.#startOnDisk) this.#startOnDisk = start;
    this.#forgetEpochsBelow(this.#startOnDisk);
    const removed = this.#upkeep(() => this.#removeFiles(this.#segments.takeBelow(this.#startOnDisk)));
    if (!this.compaction.isRunning) await removed;
  }

  #upkeep(work: () => Promise<void>): Promise<void> {
    const done = this.#oneByOne(work);
    done.catch((error: unknown) => {
      this.#context.logger.warn(
        { err: error, topic: this.topic, partition: this.partition },
        'old segments could not be removed',
      );
    });
    return done;
  }

  async #endUpkeep(): Promise<void> {
    this.compaction.stop();
    await this.#oneByOne(() => Promise.resolve());
  }

  /** Oldest first, so that what a crash leaves is one run. Nobody is reading: a read is over before anyone else has the thread. */
  async #removeFiles(segments: readonly Segment[]): Promise<void> {
    this.#letGo(segments);
    for (const segment of segments) {
      this.#contents.aborted.remove(segment.baseOffset);
      await segment.removeFiles();
    }
  }

  #letGo(segments: readonly Segment[]): void {
    for (const segment of segments) {
      this.#context.segments.files.close(segment.path);
      this.#context.indexMemory.forget(segment);
    }
  }

  #answer(appended: {
    baseOffset: bigint;
    lastOffset: bigint;
    timestampMs: bigint;
    duplicate: boolean;
  }): AppendResult {
    const { baseOffset, lastOffset, duplicate } = appended;
    const logAppendTimeMs =
      duplicate || this.#contents.settings.current.logAppendTime ? appended.timestampMs : -1n;
    const durable = duplicate ? this.#commit.durable(lastOffset + 1n) : this.#commit.wrote(lastOffset + 1n);
    if (this.#context.flush !== 'commit' && !duplicate) this.#watchers.wake();
    return { baseOffset, lastOffset, logAppendTimeMs, duplicate, durable };
  }

  #write(batch: RecordBatch): void {
    this.#aidsAreCurrent = false;
    try {
      if (this.#rollPolicy.isDue(this.#segments.active, batch)) this.#roll();
      batch.place(this.logEndOffset, this.leaderEpoch);
      this.#contents.epochs.begin(this.leaderEpoch, batch.baseOffset, (starts) => this.#saveEpochs(starts));
      this.#unsynced.written(this.#segments.active);
      this.#segments.active.append(batch);
    } catch (error) {
      if (isOutOfFiles(error) && this.#context.segments.files.giveWay()) return this.#write(batch);
      const place = `${this.topic}-${this.partition}`;
      const shortage = shortageOf(error);
      if (shortage === undefined) throw this.#context.health.fail(`write to ${place} failed`, error);
      const refusal = new ProtocolError(
        'KAFKA_STORAGE_ERROR',
        `${place} takes no appends, ${shortage}; they resume by themselves`,
        {
          cause: error,
        },
      );
      this.#context.logger.error(
        { err: error, topic: this.topic, partition: this.partition },
        refusal.message,
      );
      throw refusal;
    }
  }

  /** The file only saves time: a start that finds it as it was forgets them anew. */
  #forgetEpochsBelow(start: bigint): void {
    try {
      this.#contents.epochs.beginAt(start, (starts) => this.#saveEpochs(starts));
    } catch (error) {
      this.#context.logger.warn(
        { err: error, topic: this.topic, partition: this.partition },
        'leader epochs could not be written',
      );
    }
  }

  #saveEpochs(starts: readonly EpochStart[]): void {
    this.#unsynced.replaced(writeLeaderEpochs(this.folder, starts));
  }

  /** Nothing can fail once there is a new segment: a full disk leaves the one before it, and the next batch tries again. */
  #roll(): void {
    const left = this.#segments.active;
    this.#unsynced.folderChanged();
    const create = () => Segment.create(this.folder, left.nextOffset, this.#context.segments);
    this.#segments.push(this.#contents.aborted.begin(left.nextOffset, create));
    this.#rollPolicy.segmentBegan();
    this.#writeAids(left);
    this.#context.indexMemory.used(left);
    void this.flush()
      .then(() => this.#context.checkpoint())
      .catch(() => undefined); // the log directory is offline then, and has said so
  }

  #writeAids(left: Segment): void {
    const { topic, partition, folder, logEndOffset, producerStates: producers } = this;
    const { aborted } = this.#contents;
    try {
      writeAids({ ...this.#context.segments, folder, left, logEndOffset, producers, aborted });
    } catch (error) {
      this.#aidsAreCurrent = false;
      this.#context.logger.warn(
        { err: error, topic, partition },
        'index or producer snapshot could not be written',
      );
    }
  }

  #guarded<Result>(segment: Segment, work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      if (isOutOfFiles(error) && this.#context.segments.files.giveWay()) return this.#guarded(segment, work);
      if (!(error instanceof LogDamage))
        throw new ProtocolError('KAFKA_STORAGE_ERROR', `${segment.path} cannot be read`, { cause: error });
      const cause = damaged(this.topic, this.partition, error);
      this.#context.logger.error({ err: error, topic: this.topic, partition: this.partition }, cause.message);
      this.#becomeUnavailable(cause);
      throw cause;
    } finally {
      if (segment !== this.#segments.active) this.#context.indexMemory.used(segment);
    }
  }

  #checkAvailable(): void {
    if (this.#unavailable !== undefined) throw this.#unavailable;
  }

  #becomeUnavailable(cause: ProtocolError): void {
    this.#unavailable ??= cause;
    this.#commit.fail(this.#unavailable);
    this.#watchers.wake();
  }
}
