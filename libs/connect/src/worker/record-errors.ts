import {
  connectProducer,
  type FetchedRecord,
  type ProducerHeader,
  type ProducerRecord,
} from '@millrace/streaming-core/client';
import { connectAdmin, ClientError, ItemsFailed } from '@millrace/streaming-core/client';
import { doubled, pause } from '@millrace/streaming-core/runtime';
import type { MaybePromise } from '../converters/converter.ts';
import { ConnectError, RetriableConnectError } from '../plugin/connect-error.ts';
import type { ConversionStage } from '../settings/record-pipeline.ts';
import { TransformFailed } from '../transforms/transform-chain.ts';
import type { TaskRunOptions } from './task-run.ts';

/** The stage at which a record has failed, as Kafka's Connect names it. */
export type Stage = ConversionStage | 'TRANSFORMATION' | 'TASK_PUT';

interface Failure {
  readonly stage: Stage;
  /** The class of the plugin that has failed. */
  readonly failedClass: string;
  readonly error: Error;
}

/** A converter or a transform has failed at a record. */
export class ConversionFailed extends Error {
  override name = 'ConversionFailed';
  readonly stage: Stage;
  readonly failedClass: string;
  readonly error: Error;

  constructor(stage: Stage, failedClass: string, error: Error) {
    super(error.message, { cause: error });
    this.stage = stage;
    this.failedClass = failedClass;
    this.error = error;
  }
}

const firstDelayMs = 300;

/**
 * Converts again for `errors.retry.timeout`, as long as it fails for a temporary reason. If the signal aborts
 * before that, it rejects with the signal's reason: the record has not failed, and nobody may leave it out.
 */
export async function convertedAgain<Result>(
  { config, clock }: Pick<TaskRunOptions, 'config' | 'clock'>,
  signal: AbortSignal,
  failure: unknown,
  convert: () => MaybePromise<Result>,
): Promise<Result> {
  const timeoutMs = Number(config['errors.retry.timeout']);
  const delayMsMax = Number(config['errors.retry.delay.max.ms']);
  const end = timeoutMs < 0 ? Infinity : clock.monotonic() + timeoutMs;
  let last = failure;
  for (let failures = 0; ; failures += 1) {
    const passes = last instanceof ConversionFailed && last.error instanceof RetriableConnectError;
    const left = end - clock.monotonic();
    if (!passes || left <= 0) throw last;
    signal.throwIfAborted();
    await pause(clock, Math.min(left, doubled(firstDelayMs, failures, delayMsMax)), signal);
    try {
      return await convert();
    } catch (error) {
      last = error;
    }
  }
}

/**
 * Handles records that fail. Without tolerance, the task fails and names the record. With tolerance, the
 * record is left out, and sent to the dead letter queue if there is one.
 */
export class RecordErrors {
  readonly tolerates: boolean;
  readonly #options: TaskRunOptions;
  readonly #deadLetters: DeadLetters | undefined;

  constructor(options: TaskRunOptions) {
    const { config } = options;
    this.#options = options;
    this.tolerates = config['errors.tolerance'] === 'all';
    const topic = config['errors.deadletterqueue.topic.name'];
    this.#deadLetters = this.tolerates && topic ? new DeadLetters(options, topic) : undefined;
  }

  /** `record` is the record on the log, or undefined if a source has read it. */
  failed(record: FetchedRecord | undefined, failure: Failure): void {
    const { config, connector, task, logger, measures } = this.#options;
    const place = record && `topic ${record.topic}, partition ${record.partition}, offset ${record.offset}`;
    const said = `${failure.stage}${place ? ` of ${place}` : ''}: ${failure.error.message}`;
    if (!this.tolerates)
      throw new ConnectError(
        `Tolerance exceeded in error handler: ${said}. Correct the configuration, or set errors.tolerance=all`,
        { cause: failure.error },
      );
    measures.set('tolerated_errors', (measures.get('tolerated_errors') ?? 0) + 1);
    if (config['errors.log.enable'] === 'true')
      logger.error(
        {
          connector,
          task,
          stage: failure.stage,
          ...(config['errors.log.include.messages'] === 'true' && { place }),
        },
        `a record failed: ${failure.error.message}`,
      );
    if (record) this.#deadLetters?.send(record, failure);
  }

  /** Resolves once every dead letter is on the log. Callers await it before they commit offsets. */
  flush(): Promise<void> {
    return this.#deadLetters?.flush() ?? Promise.resolve();
  }

  async close(): Promise<void> {
    await this.#deadLetters?.close();
  }
}

class DeadLetters {
  readonly #options: TaskRunOptions;
  readonly #topic: string;
  readonly #producer: ReturnType<typeof connectProducer>;
  /** The letters that are not on the log. `flush` sends those again that have failed. */
  readonly #letters = new Map<FetchedRecord, ProducerRecord>();
  readonly #sending = new Map<FetchedRecord, Promise<void>>();
  #created: Promise<void> | undefined;

  constructor(options: TaskRunOptions, topic: string) {
    this.#options = options;
    this.#topic = topic;
    this.#producer = connectProducer(options.connection);
  }

  send(record: FetchedRecord, failure: Failure): void {
    const { config } = this.#options;
    const own = record.headerList.map(({ name, value }): ProducerHeader => [name, value]);
    const headers =
      config['errors.deadletterqueue.context.headers.enable'] === 'true'
        ? own.concat(this.#contextOf(record, failure))
        : own;
    const { key, value, timestampMs } = record;
    const letter = { topic: this.#topic, key, value, timestampMs, headers };
    this.#letters.set(record, letter);
    this.#send(record, letter);
  }

  async flush(): Promise<void> {
    for (const [record, letter] of this.#letters) this.#send(record, letter);
    await Promise.all(this.#sending.values());
  }

  #send(record: FetchedRecord, letter: ProducerRecord): void {
    if (this.#sending.has(record)) return;
    const sent = this.#create()
      .then(() => this.#producer.send([letter]))
      .then(() => void this.#letters.delete(record))
      .finally(() => this.#sending.delete(record));
    sent.catch(() => undefined); // flush rejects with it
    this.#sending.set(record, sent);
  }

  close(): Promise<void> {
    return this.#producer.close();
  }

  #create(): Promise<void> {
    const factor = Number(this.#options.config['errors.deadletterqueue.topic.replication.factor']);
    this.#created ??= createTopic(this.#options, {
      name: this.#topic,
      partitions: 1,
      replicationFactor: factor,
    });
    this.#created.catch(() => (this.#created = undefined));
    return this.#created;
  }

  #contextOf(record: FetchedRecord, { stage, failedClass, error }: Failure): readonly ProducerHeader[] {
    const { connector, task } = this.#options;
    const cause = error instanceof TransformFailed ? (error.cause as Error) : error;
    const context = {
      topic: record.topic,
      partition: String(record.partition),
      offset: String(record.offset),
      'connector.name': connector,
      'task.id': String(task),
      stage,
      'class.name': failedClass,
      'exception.class.name': cause.name,
      'exception.message': cause.message,
      'exception.stacktrace': cause.stack ?? '',
    };
    return Object.entries(context).map(([name, value]): ProducerHeader => [
      `__connect.errors.${name}`,
      value,
    ]);
  }
}

interface WantedTopic {
  readonly name: string;
  readonly partitions: number;
  /** The number of replicas, or -1 for the default of the cluster. */
  readonly replicationFactor: number;
  readonly configs?: Readonly<Record<string, string>>;
}

/** Creates a topic unless it exists. */
export async function createTopic({ connection }: TaskRunOptions, topic: WantedTopic): Promise<void> {
  await using admin = connectAdmin(connection);
  if ((await admin.describeTopics([topic.name])).has(topic.name)) return;
  await admin.topics.create([topic]).catch((error: unknown) => {
    const causes = error instanceof ItemsFailed ? [...error.failed.values()] : [error];
    const other = causes.find((cause) => !(cause instanceof ClientError && cause.code === 'topic_exists'));
    if (other !== undefined) throw other;
  });
}
