import {
  ClientError,
  connectTransactionalProducer,
  type ProducerRecord,
  type TransactionalProducer,
} from '@millrace/streaming-core/client';
import { RetriableConnectError } from '../plugin/connect-error.ts';
import type { SourceConnector } from '../plugin/connector.ts';
import type { SourceTask } from '../plugin/task.ts';
import { topicConfigs, topicCreation } from '../settings/common-settings.ts';
import type { SourcePlace, SourceRecord } from '../record/records.ts';
import { canonical, type OffsetLog } from '../logs/offset-log.ts';
import { ConversionFailed, recordForLog } from './conversion.ts';
import { createTopic, RecordErrors, withRetryTimeout } from './record-errors.ts';
import { retried } from './retrying.ts';
import { contextOf, TaskTakenOver, type TaskRun, type TaskRunOptions } from './task-run.ts';

export interface SourceRunOptions extends TaskRunOptions {
  readonly source: SourceConnector;
  readonly offsets: OffsetLog;
  /** Resolves once every committed offset has been read. */
  readonly readOffsets: () => Promise<void>;
  readonly transactionalId: string;
}

/** The bytes of one send. A transaction consists of as many sends as it needs. */
const sendBytesMax = 16 * 1024 * 1024;

/**
 * Runs a source task. It writes the records of a poll and their offsets in one transaction, and a new session
 * begins at the offset that the log has committed, so each record is on the log exactly once. The
 * transactional id fences a session of another worker that is still running.
 */
export const sourceRun =
  (options: SourceRunOptions): TaskRun =>
  async (signal) => {
    while (!signal.aborted)
      try {
        return await new SourceSession(options, signal).run();
      } catch (error) {
        if (!(error instanceof ClientError) || error.code !== 'outcome_unknown') throw takenOver(error);
        // Only the log knows whether the transaction was committed, and the next session reads it there.
        options.logger.warn(
          { connector: options.connector, error },
          'the task begins again from its last offset',
        );
      }
  };

const takenOver = (error: unknown): unknown =>
  error instanceof ClientError && error.kind === 'fenced'
    ? new TaskTakenOver('another worker runs this task', { cause: error })
    : error;

class SourceSession {
  readonly #options: SourceRunOptions;
  readonly #signal: AbortSignal;
  readonly #producer: TransactionalProducer;
  readonly #errors: RecordErrors;
  readonly #topics = new Set<string>();

  constructor(options: SourceRunOptions, signal: AbortSignal) {
    const { connection, transactionalId } = options;
    this.#options = options;
    this.#signal = signal;
    this.#producer = connectTransactionalProducer({ ...connection, transactionalId });
    this.#errors = new RecordErrors(options);
  }

  async run(): Promise<void> {
    try {
      // The offsets on the log are final once the predecessor is fenced.
      await this.#retried(() => this.#producer.open());
      await this.#retried(() => this.#options.readOffsets());
      const task = await this.#retried(() => this.#start());
      try {
        await this.#poll(task);
      } finally {
        await task.stop();
      }
    } finally {
      await this.#producer.close();
    }
  }

  async #start(): Promise<SourceTask> {
    const { source, connector, offsets } = this.#options;
    const task = source.createTask();
    try {
      await task.start({
        ...contextOf(this.#options),
        offsetOf: async (partition) => offsets.offsetOf(connector, partition),
      });
      return task;
    } catch (error) {
      await task.stop().catch(() => undefined);
      throw error;
    }
  }

  async #poll(task: SourceTask): Promise<void> {
    this.#options.onRunning();
    while (!this.#signal.aborted) {
      const records = await this.#retried(() => task.poll(this.#signal));
      const last = records.at(-1);
      if (last === undefined) continue;
      await this.#write(records);
      await this.#retried(async () => task.committed?.(last));
    }
  }

  async #write(records: readonly SourceRecord[]): Promise<void> {
    const converted: ProducerRecord[] = [];
    for (const record of records) {
      const forLog = await this.#converted(record);
      if (forLog === undefined) continue;
      if (!this.#topics.has(forLog.topic)) await this.#retried(() => this.#use(forLog.topic));
      converted.push(forLog);
    }
    const written = [...converted, ...this.#offsetsOf(records)];
    await this.#retried(() =>
      this.#producer.transaction(async (transaction) => {
        for (const part of inParts(written)) await transaction.send(part);
      }),
    );
    const { measures } = this.#options;
    measures.set('source_records', (measures.get('source_records') ?? 0) + converted.length);
  }

  async #converted(record: SourceRecord): Promise<ProducerRecord | undefined> {
    const { pipeline } = this.#options;
    try {
      return await recordForLog(pipeline, record).catch((error: unknown) => {
        if (!(error instanceof ConversionFailed) || !(error.error instanceof RetriableConnectError))
          throw error;
        return withRetryTimeout(this.#options, this.#signal, () => recordForLog(pipeline, record));
      });
    } catch (error) {
      if (!(error instanceof ConversionFailed)) throw error;
      this.#errors.failed(undefined, error);
      return undefined;
    }
  }

  #offsetsOf(records: readonly SourceRecord[]): readonly ProducerRecord[] {
    const { offsets, connector } = this.#options;
    const last = new Map<string, SourceRecord>();
    let previous: SourcePlace | undefined;
    let name = '';
    for (const record of records) {
      if (record.sourcePartition !== previous) name = canonical(record.sourcePartition);
      previous = record.sourcePartition;
      last.set(name, record);
    }
    return [...last.values()].map(({ sourcePartition, sourceOffset }) =>
      offsets.record(connector, sourcePartition, sourceOffset),
    );
  }

  async #use(topic: string): Promise<void> {
    const { config } = this.#options;
    const configs = topicConfigs.flatMap((name) => {
      const value = config[`${topicCreation}${name}`];
      return value === undefined ? [] : [[name, value] as const];
    });
    await createTopic(this.#options, {
      name: topic,
      partitions: Number(config[`${topicCreation}partitions`]),
      replicationFactor: Number(config[`${topicCreation}replication.factor`]),
      configs: Object.fromEntries(configs),
    });
    this.#topics.add(topic);
    this.#options.onTopic(topic);
  }

  #retried<Result>(work: () => Promise<Result>): Promise<Result> {
    const { clock, logger, connector, task } = this.#options;
    return retried({ clock, logger, name: `connector ${connector}, task ${task}` }, this.#signal, work);
  }
}

function* inParts(records: readonly ProducerRecord[]): Generator<readonly ProducerRecord[]> {
  let part: ProducerRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = (record.key?.length ?? 0) + (record.value?.length ?? 0);
    if (bytes + size > sendBytesMax && part.length > 0) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(record);
    bytes += size;
  }
  yield part;
}
