import { ProtocolError } from '../protocol/errors.ts';
import { PartitionTransactions, type ExpectedTransaction } from './transactions/partition-transactions.ts';
import { type AbortedTransaction } from './transactions/aborted-transactions.ts';
import type { PartitionCompaction } from './compaction/partition-compaction.ts';
import { GroupCommit } from './disk/group-commit.ts';
import type { PartitionContents, PartitionContext } from './partition-contents.ts';
import { PartitionReading } from './partition-reading.ts';
import { PartitionCleanup } from './partition-cleanup.ts';
import { PartitionWriting } from './partition-writing.ts';
import { checkProducedBatch, inTopicCodec, type AppendOptions } from './batches/produced-batch.ts';
import type { ProducerState, ProducerStates } from './producers/producer-states.ts';
import { RecordBatch } from '../records/record-batch.ts';
import { SegmentList } from './segments/segment-list.ts';
import { encodeMarker, type TransactionMarker } from '../records/records.ts';
import type { AppendResult, EpochEnd, PartitionLog } from './partition-log-port.ts';
import type { TimestampedOffset } from './segments/timestamp-search.ts';
import type { ReadLimits } from './segments/segment-file.ts';
import { MoveListeners } from './move-listeners.ts';

/** A partition in segment files. `PartitionLog` documents what it promises. */
export class SegmentedPartitionLog implements PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly folder: string;
  readonly #contents: PartitionContents;
  readonly #context: PartitionContext;
  readonly #segments: SegmentList;
  readonly #writing: PartitionWriting;
  readonly #transactions: PartitionTransactions;
  readonly #commit: GroupCommit;
  readonly #moveListeners: MoveListeners;
  readonly #stopListening: () => void;
  readonly #reading: PartitionReading;
  readonly #cleanup: PartitionCleanup;
  readonly producerStates: ProducerStates;
  #unavailable: ProtocolError | undefined;

  constructor(contents: PartitionContents, context: PartitionContext) {
    this.topic = contents.topic;
    this.partition = contents.partition;
    this.folder = contents.folder;
    this.leaderEpoch = contents.leaderEpoch;
    this.#segments = new SegmentList(contents.segments);
    this.#writing = new PartitionWriting({
      contents,
      segments: this.#segments,
      context,
      flush: () => this.flush(),
    });
    this.#contents = contents;
    this.producerStates = contents.producers;
    this.#moveListeners = new MoveListeners(`${contents.topic}-${contents.partition}`, context.logger);
    this.#transactions = new PartitionTransactions(contents.producers, contents.aborted);
    this.#context = context;
    this.#commit = new GroupCommit({
      policy: context.flush,
      flushedOffset: this.logEndOffset,
      sync: async () => {
        context.health.check();
        const begunAt = context.clock.monotonic();
        await this.#writing.sync();
        context.onFlushed(context.clock.monotonic() - begunAt);
      },
      onFlushed: () => this.#moveListeners.wake(),
      onFailed: (cause) => context.health.fail(`fsync of ${this.topic}-${this.partition} failed`, cause),
    });
    this.#reading = new PartitionReading(this, {
      segments: this.#segments,
      context,
      onDamaged: (cause) => this.#becomeUnavailable(cause),
    });
    this.#cleanup = new PartitionCleanup(this, {
      contents,
      segments: this.#segments,
      context,
      roll: () => this.#writing.roll(),
      onStartMoved: () => this.#moveListeners.wake(),
      forgetEpochsBelow: (offset) => this.#writing.forgetEpochsBelow(offset),
    });
    this.#stopListening = context.health.onOffline((cause) => this.#becomeUnavailable(cause));
  }

  get logStartOffset(): bigint {
    return this.#cleanup.logStartOffset;
  }
  get compaction(): PartitionCompaction {
    return this.#cleanup.compaction;
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
  /** Everything below this offset is on disk. The recovery checkpoint stores it. */
  get flushedOffset(): bigint {
    return this.#commit.flushedOffset;
  }

  append(sent: RecordBatch, options: AppendOptions = {}): AppendResult {
    this.#checkAvailable();
    const settings = this.#contents.settings.current;
    const nowMs = this.#context.clock.now();
    checkProducedBatch(sent, settings, nowMs, options.origin);
    const known = this.producerStates.duplicateOf(sent);
    if (known !== undefined) return this.#answer({ ...known, duplicate: true });
    this.#transactions.checkBatch(sent, options);
    const batch = inTopicCodec(sent, settings);
    if (settings.logAppendTime) batch.stampAppendTime(BigInt(nowMs));
    else if (batch.isLogAppendTime) batch.stampCreateTime();
    this.#writing.write(batch);
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
    this.#writing.write(batch);
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
    return this.#reading.guarded(this.#segments.active, () => this.#transactions.abortedIn(offset, records));
  }

  producers(): readonly ProducerState[] {
    this.#checkAvailable();
    return this.producerStates.all();
  }

  read(offset: bigint, limits: ReadLimits): Buffer {
    this.#checkAvailable();
    return this.#reading.read(offset, limits);
  }

  offsetForTimestamp(timestampMs: bigint): TimestampedOffset | undefined {
    this.#checkAvailable();
    return this.#reading.offsetForTimestamp(timestampMs);
  }

  maxTimestamp(): TimestampedOffset | undefined {
    this.#checkAvailable();
    return this.#reading.maxTimestamp();
  }

  onMoved(listener: () => void): () => void {
    return this.#moveListeners.add(listener);
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
    return this.#cleanup.deleteRecordsBefore(offset);
  }

  async deleteExpired(): Promise<void> {
    if (this.#unavailable === undefined) await this.#cleanup.deleteExpired();
  }

  compact(): Promise<void> {
    return this.#cleanup.compact();
  }

  flush(): Promise<void> {
    return this.#commit.flush();
  }

  /** Syncs the log, writes indexes and producer states, and closes the files. */
  async close(): Promise<void> {
    this.#stopListening();
    await this.#cleanup.end();
    try {
      if (this.#unavailable !== undefined) return;
      await this.flush();
      this.#writing.writeStaleIndexes();
    } finally {
      await this.#release();
    }
  }

  /**
   * Makes the partition answer like one that does not exist. Resolves when its files are closed.
   */
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
    await this.#cleanup.end();
    this.#cleanup.letGo(this.#segments.all);
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
    if (this.#context.flush !== 'commit' && !duplicate) this.#moveListeners.wake();
    return { baseOffset, lastOffset, logAppendTimeMs, duplicate, durable };
  }

  #checkAvailable(): void {
    if (this.#unavailable !== undefined) throw this.#unavailable;
  }

  #becomeUnavailable(cause: ProtocolError): void {
    this.#unavailable ??= cause;
    this.#commit.fail(this.#unavailable);
    this.#moveListeners.wake();
  }
}
