import { channel } from 'node:diagnostics_channel';
import type { Clock, Logger } from '../../runtime/index.ts';
import { RetryLog } from '../../runtime/retry-log.ts';
import type { TopicPartition } from '../../client/index.ts';
import type { CommittedBatch } from './commit-batches.ts';
import { codeOf } from './dead-letter.ts';

const batches = channel('millrace.consumer.batch');
const failures = channel('millrace.consumer.failed');
const deadLetters = channel('millrace.consumer.dead-letter');

/** What the runtime says about its work: `millrace.consumer.batch`, `.failed` and `.dead-letter`, and the log. */
export class Reports {
  readonly #group: string;
  readonly #logger: Logger;
  readonly #clock: Clock;

  /** By what is retried and where: as many as there are partitions, times a few. */
  readonly #retries = new Map<string, RetryLog>();

  constructor(group: string, logger: Logger, clock: Clock) {
    this.#group = group;
    this.#logger = logger;
    this.#clock = clock;
  }

  /** `endToEndMs`: for each message handled, from its `ce_time` to now, when its effects are committed. */
  committed(at: TopicPartition, { result, handled }: CommittedBatch, durationMs: number): void {
    if (!batches.hasSubscribers) return;
    const now = this.#clock.now();
    const endToEndMs = handled.map(({ context }) => Math.max(0, now - Date.parse(context.time)));
    batches.publish({
      group: this.#group,
      topic: at.topic,
      partition: at.partition,
      durationMs,
      endToEndMs,
      ...result,
    });
  }

  deadLetter(at: TopicPartition, offset: bigint, error: Error): void {
    deadLetters.publish({
      group: this.#group,
      topic: at.topic,
      partition: at.partition,
      offset,
      reason: codeOf(error),
      error,
    });
    this.#logger.error(
      { err: error, ...this.#place(at), offset: String(offset) },
      'the message went to the dead letters',
    );
  }

  /** Through no fault of ours, again and again: while broker or database are away. */
  retrying(error: unknown, what: string, at?: TopicPartition): void {
    failures.publish({ group: this.#group, topic: at?.topic, partition: at?.partition, error, what });
    const key = `${what} ${at?.topic}/${at?.partition}`;
    const log = this.#retries.get(key) ?? new RetryLog({ logger: this.#logger, clock: this.#clock });
    this.#retries.set(key, log);
    log.failed(error, what, this.#place(at));
  }

  failed(error: unknown, what: string, at?: TopicPartition): void {
    failures.publish({ group: this.#group, topic: at?.topic, partition: at?.partition, error, what });
    this.#logger.warn({ err: error, ...this.#place(at) }, what);
  }

  refused(error: Error, at: TopicPartition): void {
    failures.publish({
      group: this.#group,
      topic: at.topic,
      partition: at.partition,
      error,
      what: 'offset refused',
    });
    this.#logger.error({ err: error, ...this.#place(at) }, error.message);
  }

  #place(at?: TopicPartition): object {
    return { group: this.#group, topic: at?.topic, partition: at?.partition };
  }
}
