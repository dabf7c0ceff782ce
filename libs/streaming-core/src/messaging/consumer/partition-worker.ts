import { pause, type DurationMs } from '../../runtime/index.ts';
import type { ConsumedRecord } from '../../client/index.ts';
import { SharedTransactionFailure } from '../../postgres/shared-transactions.ts';
import type { BatchQueue } from './batch-queue.ts';
import { BatchSize } from './batch-size.ts';
import { MessageFailure, type BatchEnvironment } from './commit-batches.ts';
import type { Batch } from './batch.ts';
import { FencedError, TerminalError } from './consumer-error.ts';
import { decode, type Decoded } from './decode.ts';
import type { HandlerTable } from './handler-table.ts';
import { retryDelay, type ConsumerLimits } from './limits.ts';
import { committed, type OffsetRow } from './offset-store.ts';
import type { RecordBuffer } from './record-buffer.ts';
import type { Reports } from './reports.ts';

export interface WorkerEnvironment extends BatchEnvironment {
  readonly handlers: HandlerTable;
  readonly limits: ConsumerLimits;
  readonly queue: BatchQueue;
  readonly reports: Reports;
}

export interface WorkerOptions extends WorkerEnvironment {
  readonly row: OffsetRow;
  readonly buffer: RecordBuffer;
  readonly signal: AbortSignal;
  readonly onFenced: (error: FencedError) => void;
  readonly onAdvanced: () => void;
}

/**
 * Handles a partition's records, batch by batch, in transactions that it shares with other partitions. When such a one fails, the batch is
 * redone alone, so that no partition suffers from another. Failures of the infrastructure are retried for ever. A batch that fails by a
 * message of its own is redone message by message; the one at fault gets `attemptsMax` attempts, then it is a dead letter and the rest goes on.
 */
export class PartitionWorker {
  readonly #options: WorkerOptions;
  #running: Promise<void> | undefined;
  readonly #size: BatchSize;
  /** Below this offset one message at a time. */
  #singlyBelow = -1n;
  /** Below this offset in no other partition's transaction. */
  #aloneBelow = -1n;
  #attempts = { offset: -1n, count: 0 };
  #failures = 0;
  failure: Error | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#size = new BatchSize(options.limits);
  }

  /** Call it when the buffer has got records. */
  wake(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#options.buffer.pending && !this.#options.signal.aborted) this.wake();
    });
  }

  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    const { buffer, signal, clock, onAdvanced } = this.#options;
    while (buffer.pending && !signal.aborted) {
      const delayMs = await this.#attempt();
      if (delayMs > 0) await pause(clock, delayMs, signal);
      else onAdvanced();
    }
  }

  /** One transaction; returns how long to wait before the next. */
  async #attempt(): Promise<DurationMs> {
    const { buffer, limits, reports, row, signal, onFenced } = this.#options;
    if (signal.aborted) return 0;
    try {
      if (this.#failures > 0) await this.#catchUpWithDatabase();
      const delayMs = buffer.pending ? await this.#handleNext() : 0;
      this.#failures = 0;
      if (delayMs === 0) this.failure = undefined;
      reports.succeeded('batch', row);
      return delayMs;
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
      this.#failures += 1;
      this.#size.failed(error);
      if (error instanceof FencedError) onFenced(error);
      else reports.retrying(error, 'batch', row);
      return retryDelay(limits, this.#failures);
    }
  }

  /** A connection that was lost during COMMIT leaves open whether it happened: the database knows. */
  async #catchUpWithDatabase(): Promise<void> {
    const { buffer, database, row } = this.#options;
    const offset = await committed(database, row);
    if (offset < buffer.position)
      throw new FencedError(
        `the offset of ${row.topic}-${row.partition} was set back to ${offset} by someone else`,
      );
    buffer.advanceTo(offset);
  }

  async #handleNext(): Promise<DurationMs> {
    const { buffer, handlers } = this.#options;
    const { from, to, records } = buffer.take(buffer.position < this.#singlyBelow ? 1 : this.#size.max);
    const items = records.map((record) => decode(record, handlers));
    try {
      await this.#commit({ row: this.#options.row, from, to, items });
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

  /** Whether the shared transaction was committed is as open as after any failure. */
  async #goAlone(to: bigint): Promise<DurationMs> {
    this.#aloneBelow = to;
    await this.#catchUpWithDatabase();
    return 0;
  }

  async #failedAlone(record: ConsumedRecord, to: bigint, error: Error): Promise<DurationMs> {
    const { limits, reports, row, buffer } = this.#options;
    const count = this.#attempts.offset === record.offset ? this.#attempts.count + 1 : 1;
    this.#attempts = { offset: record.offset, count };
    this.#aloneBelow = to;
    if (error instanceof TerminalError || count >= limits.attemptsMax) {
      await this.#commit({
        row,
        from: buffer.position,
        to,
        items: [{ kind: 'dead', record, error, attempts: count }],
      });
      return 0;
    }
    this.failure = error;
    reports.failed(
      error,
      `the message at offset ${record.offset} failed, attempt ${count} of ${limits.attemptsMax}`,
      row,
    );
    return retryDelay(limits, count);
  }

  async #commit(batch: Batch): Promise<void> {
    const { buffer, clock, reports, row, queue, signal } = this.#options;
    const startedAt = clock.monotonic();
    const committed = await queue.commit({ batch, alone: batch.from < this.#aloneBelow, signal });
    if (committed === undefined) return;
    const { result, handled } = committed;
    buffer.advanceTo(batch.to);
    this.#size.took(batch.items.length, result.handlingMs);
    reports.committed(row, committed, clock.monotonic() - startedAt);
    for (const { handler, message, context } of handled)
      this.#tell(() => handler.committed?.(message, context));
    for (const item of batch.items) if (isDead(item)) reports.deadLetter(row, item.record.offset, item.error);
  }

  /** Its effects are committed: whoever is told of it can no longer fail it. */
  #tell(tell: () => void): void {
    const { reports, row } = this.#options;
    try {
      tell();
    } catch (error) {
      reports.failed(error, 'telling that a message was committed failed', row);
    }
  }
}

const isDead = (item: Decoded): item is Extract<Decoded, { kind: 'dead' }> => item.kind === 'dead';
