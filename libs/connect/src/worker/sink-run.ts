import {
  ClientError,
  connectConsumer,
  isRetriableError,
  type ConsumedBatch,
  type Consumer,
  type FetchedRecord,
  type OffsetToCommit,
  type TopicPartition,
} from '@millrace/streaming-core/client';
import { pause, seconds, serialQueue, type DurationMs } from '@millrace/streaming-core/runtime';
import type { MaybePromise } from '../converters/converter.ts';
import type { SinkConnector } from '../plugin/connector.ts';
import { wholeMatch } from '../plugin/expression.ts';
import { listOf } from '../plugin/setting.ts';
import type { SinkTask } from '../plugin/task.ts';
import type { SinkRecord } from '../record/records.ts';
import { recordForSink } from './conversion.ts';
import { ConversionFailed, convertedAgain, RecordErrors } from './record-errors.ts';
import { retried } from './retrying.ts';
import { contextOf, type TaskRun, type TaskRunOptions } from './task-run.ts';

export interface SinkRunOptions extends TaskRunOptions {
  readonly sink: SinkConnector;
  readonly flushIntervalMs: DurationMs;
}

/** The consumer group of a sink, as Kafka's Connect names it. */
export const sinkGroup = (connector: string): string => `connect-${connector}`;

/** How long the other tasks wait for a task that was killed. */
const sessionTimeoutMs = seconds(6);
/**
 * A sink keeps its partitions while its database does not answer, because no other task could write either.
 */
const maxPollIntervalMs = seconds(86_400);

/** Runs a sink task as a member of the sink's consumer group. It commits offsets after `flush`. */
export const sinkRun =
  (options: SinkRunOptions): TaskRun =>
  (signal) =>
    new SinkSession(options, signal).run();

class SinkSession {
  readonly #options: SinkRunOptions;
  readonly #signal: AbortSignal;
  readonly #task: SinkTask;
  readonly #errors: RecordErrors;
  readonly #consumer: Consumer;
  /** Makes one call of the task at a time, even during a rebalance. */
  readonly #inTurn = serialQueue();
  readonly #owned = new Map<string, TopicPartition>();
  /** The offsets up to which the task has received records that are not committed yet. */
  readonly #put = new Map<string, OffsetToCommit>();
  /** How many readings of a partition have ended, by its loss or by a seek. */
  readonly #endedReadings = new Map<string, number>();
  readonly #onLog = new WeakMap<SinkRecord, FetchedRecord>();
  readonly #topics = new Set<string>();
  #failure: Error | undefined;
  readonly #stopping = new AbortController();

  constructor(options: SinkRunOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = AbortSignal.any([signal, this.#stopping.signal]);
    this.#task = options.sink.createTask();
    this.#errors = new RecordErrors(options);
    const { config, connection, connector } = options;
    this.#consumer = connectConsumer({
      ...connection,
      groupId: sinkGroup(connector),
      ...(config['topics.regex'] === undefined
        ? { topics: listOf(config['topics']) }
        : { pattern: wholeMatch(config['topics.regex']) }),
      autoCommit: false,
      autoOffsetReset: config['consumer.override.auto.offset.reset'] as 'earliest' | 'latest' | 'none',
      isolation: 'read_committed',
      sessionTimeoutMs,
      maxPollIntervalMs,
      rebalanceTimeoutMs: seconds(60),
      // Finds a topic soon after a source has created it with the first change of a table.
      topicRefreshMs: seconds(3),
      onAssigned: (added) => this.#during(() => this.#assigned(added)),
      onRevoked: (revoked) => this.#during(() => this.#revoked(revoked)),
      onLost: (lost) => this.#during(async () => this.#forget(lost)),
    });
  }

  async run(): Promise<void> {
    const { sink: _, ...rest } = this.#options;
    try {
      await this.#retried(() => this.#task.start({ ...contextOf(rest), ...this.#rejecting() }));
      if (this.#signal.aborted) return;
      const flushing = this.#flushRegularly();
      this.#signal.addEventListener('abort', () => void this.#consumer.close(), { once: true });
      let putting: Promise<void> = Promise.resolve();
      try {
        this.#options.onRunning();
        // A batch is converted while the task still writes the one before.
        for await (const batch of this.#consumer.batches()) {
          const ended = this.#endedReadings.get(nameOf(batch));
          const records = await this.#convertedBatch(batch);
          await putting;
          if (this.#signal.aborted) break;
          putting = this.#during(async () => {
            // The partition may have gone, and come back at another offset, while the batch was converted.
            if (ended === this.#endedReadings.get(nameOf(batch))) await this.#putBatch(batch, records);
          });
        }
      } catch (error) {
        // If the task has failed, that has also interrupted the conversion.
        this.#failure ??= error as Error;
      } finally {
        this.#stopping.abort();
        await flushing;
        await putting;
        await this.#consumer.close();
      }
      if (this.#failure) throw this.#failure;
    } finally {
      await this.#task.stop();
      await this.#errors.close();
    }
  }

  #rejecting() {
    if (!this.#errors.tolerates) return {};
    return {
      reject: async (record: SinkRecord, error: Error) => {
        this.#errors.failed(this.#onLog.get(record), {
          stage: 'TASK_PUT',
          failedClass: this.#options.sink.class,
          error,
        });
        await this.#errors.flush();
      },
    };
  }

  async #convertedBatch({ records }: ConsumedBatch): Promise<readonly SinkRecord[]> {
    const converted: SinkRecord[] = [];
    for (const record of records) {
      const conversion = this.#converted(record);
      const forSink = conversion instanceof Promise ? await conversion : conversion;
      if (forSink === undefined) continue;
      if (this.#errors.tolerates) this.#onLog.set(forSink, record);
      converted.push(forSink);
    }
    return converted;
  }

  async #putBatch(
    { topic, partition, nextOffset }: ConsumedBatch,
    records: readonly SinkRecord[],
  ): Promise<void> {
    const name = nameOf({ topic, partition });
    if (!this.#topics.has(topic)) {
      this.#topics.add(topic);
      this.#options.onTopic(topic);
    }
    // A task that keeps its own offsets moves them past the records that could not be converted.
    if (this.#task.assigned !== undefined) await this.#retried(() => this.#errors.flush());
    if (records.length > 0) await this.#retried(() => this.#task.put(records));
    this.#put.set(name, { topic, partition, offset: nextOffset });
    const { measures } = this.#options;
    measures.set('sink_records', (measures.get('sink_records') ?? 0) + records.length);
  }

  #converted(record: FetchedRecord): MaybePromise<SinkRecord | undefined> {
    const convert = () => recordForSink(this.#options.pipeline, record);
    try {
      const converted = convert();
      return converted instanceof Promise
        ? converted.catch((error: unknown) => this.#convertedAgain(record, error, convert))
        : converted;
    } catch (error) {
      return this.#convertedAgain(record, error, convert);
    }
  }

  async #convertedAgain(
    record: FetchedRecord,
    failure: unknown,
    convert: () => MaybePromise<SinkRecord | undefined>,
  ): Promise<SinkRecord | undefined> {
    try {
      return await convertedAgain(this.#options, this.#signal, failure, convert);
    } catch (error) {
      if (!(error instanceof ConversionFailed)) throw error;
      this.#errors.failed(record, error);
      return undefined;
    }
  }

  /** A failure ends the session, and `run` then rejects with it. */
  async #during(work: () => Promise<void>): Promise<void> {
    try {
      await this.#inTurn(work);
    } catch (error) {
      this.#failure ??= error as Error;
      this.#stopping.abort();
    }
  }

  async #assigned(added: readonly TopicPartition[]): Promise<void> {
    for (const one of added) this.#owned.set(nameOf(one), one);
    const from = (await this.#retried(async () => this.#task.assigned?.([...this.#owned.values()]))) ?? [];
    const isNew = new Set(added.map(nameOf));
    for (const offset of from) {
      if (!isNew.has(nameOf(offset))) continue;
      this.#endReading(offset);
      this.#consumer.seek(offset);
    }
  }

  async #revoked(revoked: readonly TopicPartition[]): Promise<void> {
    await this.#flush();
    this.#forget(revoked);
    if (!this.#signal.aborted)
      await this.#retried(async () => void (await this.#task.assigned?.([...this.#owned.values()])));
  }

  #forget(gone: readonly TopicPartition[]): void {
    for (const one of gone) {
      this.#owned.delete(nameOf(one));
      this.#put.delete(nameOf(one));
      this.#endReading(one);
    }
  }

  #endReading(partition: TopicPartition): void {
    const name = nameOf(partition);
    this.#endedReadings.set(name, (this.#endedReadings.get(name) ?? 0) + 1);
  }

  async #flushRegularly(): Promise<void> {
    const { clock, flushIntervalMs } = this.#options;
    while (!this.#signal.aborted) {
      await pause(clock, flushIntervalMs, this.#signal);
      if (!this.#signal.aborted) await this.#during(() => this.#flush());
    }
  }

  async #flush(): Promise<void> {
    if (this.#put.size === 0) return;
    const flushed = await this.#retried(async () => this.#task.flush?.());
    const offsets = flushed?.filter((offset) => this.#owned.has(nameOf(offset))) ?? [...this.#put.values()];
    if (!(await this.#committed(offsets))) return;
    if (flushed === undefined) this.#put.clear();
    else this.#dropCommitted(offsets);
  }

  /**
   * Resolves with false if the next flush may succeed. If the consumer has lost the partitions by then, their
   * records come again.
   */
  async #committed(offsets: readonly OffsetToCommit[]): Promise<boolean> {
    const { connector, task, logger } = this.#options;
    try {
      await this.#errors.flush();
      if (offsets.length > 0) await this.#consumer.commit(offsets);
      return true;
    } catch (error) {
      const isMember = !(error instanceof ClientError && error.code === 'not_member');
      if (isMember && !isRetriableError(error)) throw error;
      logger.warn({ connector, task, err: error }, 'the offsets of a sink could not be committed');
      return false;
    }
  }

  #dropCommitted(offsets: readonly OffsetToCommit[]): void {
    for (const offset of offsets) {
      const put = this.#put.get(nameOf(offset));
      if (put && put.offset <= offset.offset) this.#put.delete(nameOf(offset));
    }
  }

  #retried<Result>(work: () => Promise<Result>): Promise<Result> {
    const { clock, logger, connector, task } = this.#options;
    return retried({ clock, logger, name: `connector ${connector}, task ${task}` }, this.#signal, work);
  }
}

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;
