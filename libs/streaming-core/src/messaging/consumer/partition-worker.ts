import { pause, type DurationMs } from '../../runtime/index.ts';
import type { ConsumedRecord } from '../../client/index.ts';
import { SharedTransactionFailure } from '../../postgres/shared-transactions.ts';
import { type BatchQueue, BatchSize } from './batch-queue.ts';
import { MessageFailure, type BatchEnvironment } from './commit-batches.ts';
import type { Batch } from './open-batch.ts';
import { FencedError } from './consumer-error.ts';
import { decodeAll, type Decoding } from './decode.ts';
import { retryDelay, type ConsumerLimits } from './limits.ts';
import { committed, type OffsetRow } from './offset-store.ts';
import { ParkingFullError, type ParkedKey } from './parked-messages.ts';
import { ParkedRetries } from './parked-retries.ts';
import { Parking, type ParkingStatus, InPlaceAttempts } from './parking.ts';
import type { RecordBuffer } from './record-buffer.ts';
import type { Reports } from './reports.ts';
import { SkippedWait } from './skipped.ts';

export interface WorkerEnvironment extends BatchEnvironment, Decoding {
  readonly limits: ConsumerLimits;
  readonly queue: BatchQueue;
  readonly reports: Reports;
}

export interface WorkerOptions extends WorkerEnvironment {
  readonly row: OffsetRow;
  readonly buffer: RecordBuffer;
  /** The parked keys that were in the database after the take-over. */
  readonly parkedKeys: readonly ParkedKey[];
  readonly signal: AbortSignal;
  readonly onFenced: (error: FencedError) => void;
  readonly onAdvanced: () => void;
}

/**
 * Handles a partition's records, batch by batch, in transactions that it shares with other
 * partitions.
 *
 * - When a shared transaction fails, the batch is repeated alone, so that no partition suffers from
 *   another.
 * - Failures of the infrastructure are retried without limit.
 * - A batch that fails because of one of its messages is repeated message by message. The failing
 *   message is first retried in place and then parked, while messages of other keys continue.
 * - A parked message is retried with growing pauses and becomes a dead letter in the end.
 */
export class PartitionWorker {
  readonly #options: WorkerOptions;
  readonly #parking: Parking;
  readonly #parkedRetries: ParkedRetries;
  #running: Promise<void> | undefined;
  readonly #size: BatchSize;
  readonly #skipped: SkippedWait;
  /** Messages below this offset are handled one at a time. */
  #singlyBelow = -1n;
  /** Batches below this offset do not share a transaction with other partitions. */
  #aloneBelow = -1n;
  readonly #attempts = new InPlaceAttempts();
  #failures = 0;
  /** Whether a failed commit may have parked messages. */
  #parkingUncertain = false;
  /**
   * The time on the monotonic clock before which no batch is tried, because the last one found no
   * room to park a message.
   */
  #fullUntilMs: number | undefined;
  #retriedLast = false;
  #cancelWake: (() => void) | undefined;
  failure: Error | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
    const { row, buffer, reports, clock } = options;
    this.#parking = new Parking(options, options.parkedKeys);
    this.#parkedRetries = new ParkedRetries({
      parking: this.#parking,
      reports,
      row,
      clock,
      commit: (items, parking) =>
        this.#commit({ row, from: buffer.position, to: buffer.position, items, parking }, true),
    });
    this.#size = new BatchSize(options.limits);
    this.#skipped = new SkippedWait({
      clock: options.clock,
      waitMsMax: options.limits.skippedWaitMsMax,
      onEnd: () => this.wake(),
    });
  }

  get parkingStatus(): ParkingStatus {
    const { size: keys, messages } = this.#parking.keys;
    return { keys, messages, full: this.#fullUntilMs !== undefined };
  }

  /** Call this at the start, and when the buffer has received records. */
  wake(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#options.signal.aborted) return;
      if (this.#hasWork) this.wake();
      else this.#wakeForParkedKey();
    });
  }

  async idle(): Promise<void> {
    this.#cancelWake?.();
    this.#skipped.clear();
    await this.#running;
  }

  /** Moves the offset past records that wait, because a timer must know what has been handled. */
  hurry(): void {
    this.#skipped.end();
  }

  get #hasWork(): boolean {
    return this.#hasBatch || this.#parking.due !== undefined;
  }

  get #hasBatch(): boolean {
    const { buffer } = this.#options;
    return buffer.pending && !this.#skipped.covers(buffer.fetchedTo);
  }

  #wakeForParkedKey(): void {
    this.#cancelWake?.();
    const { idleMs } = this.#parkedRetries;
    if (idleMs !== undefined) this.#cancelWake = this.#options.clock.after(idleMs, () => this.wake());
  }

  async #run(): Promise<void> {
    const { signal, clock, onAdvanced } = this.#options;
    if (!signal.aborted) await this.#parkedRetries.hearOperators();
    while (this.#hasWork && !signal.aborted) {
      const delayMs = await this.#attempt();
      if (delayMs > 0) await pause(clock, delayMs, signal);
      else onAdvanced();
    }
  }

  /** Runs one transaction and returns the pause before the next one. */
  async #attempt(): Promise<DurationMs> {
    const { limits, reports, row, signal, onFenced } = this.#options;
    if (signal.aborted) return 0;
    try {
      if (this.#failures > 0) await this.#catchUpWithDatabase();
      const delayMs = await this.#next();
      this.#failures = 0;
      if (delayMs === 0) this.failure = undefined;
      reports.succeeded('batch', row);
      return delayMs;
    } catch (error) {
      if (error instanceof ParkingFullError) return this.#waitForRoom(error);
      this.failure = error instanceof Error ? error : new Error(String(error));
      this.#failures += 1;
      this.#size.failed(error);
      if (error instanceof FencedError) onFenced(error);
      else reports.retrying(error, 'batch', row);
      return retryDelay(limits, this.#failures);
    }
  }

  /** Alternates between batches and parked keys that are due. */
  async #next(): Promise<DurationMs> {
    const { clock } = this.#options;
    await this.#parkedRetries.hearOperators();
    const roomMs = Math.max(0, (this.#fullUntilMs ?? -Infinity) - clock.monotonic());
    const handles = this.#hasBatch && roomMs === 0;
    const due = this.#parking.due;
    this.#retriedLast = due !== undefined && !(handles && this.#retriedLast);
    if (due !== undefined && this.#retriedLast) {
      await this.#parkedRetries.retry(due);
      return 0;
    }
    if (handles) return this.#handleNext();
    return Math.min(roomMs, this.#parking.idleMs ?? roomMs);
  }

  /** Parked keys are retried meanwhile, which makes room. */
  #waitForRoom(error: ParkingFullError): DurationMs {
    const { buffer, clock, limits, reports, row } = this.#options;
    this.failure = error;
    this.#singlyBelow = buffer.fetchedTo;
    this.#fullUntilMs = clock.monotonic() + limits.retryDelayMsMax;
    reports.retrying(error, 'room', row);
    return 0;
  }

  /** The message that found no room has been parked, or no longer needs to be. */
  #foundRoom(): void {
    this.#fullUntilMs = undefined;
    this.#options.reports.succeeded('room', this.#options.row);
  }

  /** Reads the offset from the database, because a failed COMMIT may have succeeded. */
  async #catchUpWithDatabase(): Promise<void> {
    const { buffer, database, row } = this.#options;
    const offset = await committed(database, row);
    if (offset < buffer.position)
      throw new FencedError(
        `another process has set the offset of ${row.topic}-${row.partition} back to ${offset}`,
      );
    buffer.advanceTo(offset);
    if (this.#parkingUncertain) await this.#parking.reload();
    this.#parkingUncertain = false;
  }

  async #handleNext(): Promise<DurationMs> {
    const { buffer } = this.#options;
    const recordsMax = buffer.position < this.#singlyBelow ? 1 : this.#size.max;
    const { from, to, records } = buffer.take(recordsMax);
    const { items, parked } = this.#parking.divide(await decodeAll(records, this.#options));
    if (records.length < recordsMax && parked.length === 0 && this.#skipped.admits(items, to)) return 0;
    try {
      await this.#commit({ row: this.#options.row, from, to, items, parking: { parked } });
      this.#foundRoom();
      return 0;
    } catch (error) {
      if (error instanceof SharedTransactionFailure) return this.#goAlone(to);
      if (!(error instanceof MessageFailure)) throw error;
      const [record, ...others] = records;
      if (record !== undefined && others.length === 0) return this.#failedAlone(record, to, error.cause);
      this.#singlyBelow = to;
      this.#aloneBelow = to;
      return 0;
    }
  }

  /** Reads the offset first, because the failed shared transaction may have been committed. */
  async #goAlone(to: bigint): Promise<DurationMs> {
    this.#aloneBelow = to;
    await this.#catchUpWithDatabase();
    return 0;
  }

  async #failedAlone(record: ConsumedRecord, to: bigint, error: Error): Promise<DurationMs> {
    const { reports, row, buffer, clock } = this.#options;
    const { count, elapsedMs } = this.#attempts.next(record.offset, clock.monotonic());
    this.#aloneBelow = to;
    const verdict = this.#parking.judgeInPlace({ record, error, attempts: count, elapsedMs });
    const from = buffer.position;
    if (verdict.kind === 'dead')
      await this.#commit({
        row,
        from,
        to,
        items: [{ kind: 'dead', record, error, attempts: count }],
      });
    if (verdict.kind === 'park') {
      await this.#commit({ row, from, to, items: [], parking: { parked: [verdict.message] } });
      reports.failed(
        error,
        `the message at offset ${record.offset} failed, attempt ${count}; its key is parked`,
        row,
      );
    }
    if (verdict.kind !== 'again') {
      this.#foundRoom();
      return 0;
    }
    this.failure = error;
    reports.failed(error, `the message at offset ${record.offset} failed, attempt ${count}`, row);
    return verdict.delayMs;
  }

  async #commit(batch: Batch, alone = batch.from < this.#aloneBelow): Promise<void> {
    const { buffer, clock, reports, row, queue, signal } = this.#options;
    const startedAt = clock.monotonic();
    const parks = (batch.parking?.parked?.length ?? 0) > 0;
    this.#parkingUncertain ||= parks;
    const committed = await queue.commit({ batch, alone, signal });
    if (committed === undefined) return;
    const { result, handled } = committed;
    buffer.advanceTo(batch.to);
    if (batch.to > batch.from) this.#skipped.clear();
    if (batch.parking !== undefined) this.#parking.keys.apply(batch.parking, clock.now());
    if (parks) this.#parkingUncertain = false;
    this.#size.took(batch.items.length, result.handlingMs);
    reports.committed(row, committed, clock.monotonic() - startedAt);
    for (const { handler, message, context } of handled)
      this.#tell(() => handler.committed?.(message, context));
    for (const item of batch.items) {
      if (item.kind === 'dead') reports.deadLetter(row, item.record.offset, item.error);
      if (item.kind === 'erased') reports.erased(row, item.context);
    }
  }

  /** Logs an error of the callback, because the effects are already committed. */
  #tell(tell: () => void): void {
    const { reports, row } = this.#options;
    try {
      tell();
    } catch (error) {
      reports.failed(error, 'the committed callback of a handler failed', row);
    }
  }
}
