import {
  ClientError,
  connectTransactionalProducer,
  type ProducerRecord,
  type Transaction,
  type TransactionalProducer,
} from '@millrace/streaming-core/client';
import { seconds, withDeadline } from '@millrace/streaming-core/runtime';
import type { MaybePromise } from '../converters/converter.ts';
import type { SourceConnector } from '../plugin/connector.ts';
import type { SourceTask } from '../plugin/task.ts';
import { topicConfigs, topicCreation } from '../settings/common-settings.ts';
import type { SourcePlace, SourceRecord } from '../record/records.ts';
import { canonical, type OffsetLog } from '../logs/offset-log.ts';
import { recordForLog } from './conversion.ts';
import { ConversionFailed, convertedAgain, createTopic, RecordErrors } from './record-errors.ts';
import { retried } from './retrying.ts';
import { contextOf, TaskTakenOver, type TaskRun, type TaskRunOptions } from './task-run.ts';

export interface SourceRunOptions extends TaskRunOptions {
  readonly source: SourceConnector;
  readonly offsets: OffsetLog;
  /** Resolves once every committed offset has been read. */
  readonly readOffsets: () => Promise<void>;
  readonly transactionalId: string;
}

/** The bytes of one send, unless its last record is larger. A transaction has as many as it needs. */
const partBytesMax = 512 * 1024;
/** The log may write so many sends while later records are converted. */
const partsInFlightMax = 16;

/** How long an open transaction waits for its next part, while readers wait for the transaction. */
const conversionMsMax = seconds(5);

/** The records of one send. */
type Part = readonly ProducerRecord[];

/** A part is not converted soon, for example because a registry is away. */
class ConversionWaits extends Error {
  override name = 'ConversionWaits';
  readonly part: Promise<Part>;

  constructor(part: Promise<Part>) {
    super('a conversion waits');
    this.part = part;
  }
}

/** The records of a poll, and the first of them that is not converted. */
interface RecordsAhead {
  readonly records: readonly SourceRecord[];
  next: number;
}

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
    const parts: Part[] = [];
    const ahead = { records, next: 0 };
    while (!(await this.#isWritten(parts, ahead)));
    const { measures } = this.#options;
    const written = parts.reduce((sum, { length }) => sum + length, 0);
    measures.set('source_records', (measures.get('source_records') ?? 0) + written);
  }

  /** Resolves with false once the part is converted for which the transaction could not stay open. */
  async #isWritten(parts: Part[], ahead: RecordsAhead): Promise<boolean> {
    try {
      await this.#retried(() =>
        this.#producer.transaction((transaction) => this.#send(transaction, parts, ahead)),
      );
      return true;
    } catch (error) {
      if (!(error instanceof ConversionWaits)) throw error;
      parts.push(await error.part);
      return false;
    }
  }

  async #send(transaction: Transaction, parts: Part[], ahead: RecordsAhead): Promise<void> {
    const sends: Promise<unknown>[] = [];
    for (let index = 0; index < parts.length || ahead.next < ahead.records.length; index += 1) {
      // A transaction that is repeated sends what was converted for the one before.
      const part = (parts[index] ??= await this.#soon(this.#nextPart(ahead)));
      await sends[index - partsInFlightMax];
      sends.push(sent(transaction, part));
      // The part leaves before the next one is converted.
      if (ahead.next < ahead.records.length) await new Promise(setImmediate);
    }
    sends.push(sent(transaction, this.#offsetsOf(ahead.records)));
    await Promise.all(sends);
  }

  #soon(part: Promise<Part>): Promise<Part> {
    return withDeadline(this.#options.clock, conversionMsMax, part, () => new ConversionWaits(part));
  }

  /** Converts as many records as one send takes. */
  async #nextPart(ahead: RecordsAhead): Promise<Part> {
    const part: ProducerRecord[] = [];
    for (let bytes = 0; bytes < partBytesMax && ahead.next < ahead.records.length;) {
      const converted = this.#converted(ahead.records[ahead.next]!);
      ahead.next += 1;
      const forLog = converted instanceof Promise ? await converted : converted;
      if (forLog === undefined) continue;
      if (!this.#topics.has(forLog.topic)) await this.#retried(() => this.#use(forLog.topic));
      part.push(forLog);
      bytes += (forLog.key?.length ?? 0) + (forLog.value?.length ?? 0);
    }
    return part;
  }

  #converted(record: SourceRecord): MaybePromise<ProducerRecord | undefined> {
    const convert = () => recordForLog(this.#options.pipeline, record);
    try {
      const converted = convert();
      return converted instanceof Promise
        ? converted.catch((error: unknown) => this.#convertedAgain(error, convert))
        : converted;
    } catch (error) {
      return this.#convertedAgain(error, convert);
    }
  }

  async #convertedAgain(
    failure: unknown,
    convert: () => MaybePromise<ProducerRecord | undefined>,
  ): Promise<ProducerRecord | undefined> {
    try {
      return await convertedAgain(this.#options, this.#signal, failure, convert);
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

/** Sends without an unhandled rejection if something else fails before the outcome is awaited. */
function sent(transaction: Transaction, records: readonly ProducerRecord[]): Promise<unknown> {
  const sending = transaction.send(records);
  sending.catch(() => undefined);
  return sending;
}
