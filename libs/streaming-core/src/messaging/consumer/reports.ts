import { channel } from 'node:diagnostics_channel';
import type { Clock, Logger } from '../../runtime/index.ts';
import { RetryLog } from '../../runtime/logger.ts';
import type { TopicPartition } from '../../client/index.ts';
import type { CommittedBatch } from './commit-batches.ts';
import { codeOf } from './dead-letter.ts';
import type { ContextOfMessage } from './decode.ts';

const batches = channel('millrace.consumer.batch');
const failures = channel('millrace.consumer.failed');
const deadLetters = channel('millrace.consumer.dead-letter');

/**
 * The log messages for work that is retried without limit: one about a failure and one about the
 * recovery.
 */
const retried = {
  fetch: ['fetching failed; retrying', 'records can be fetched again'],
  batch: ['the batch failed through no fault of its messages; retrying', 'batches are committed again'],
  parked: ['looking for parked keys to try now failed; retrying', 'parked keys to try now can be read again'],
  opening: ['the partition could not be opened; retrying', 'every partition is open again'],
  partition: [
    'fetching the partition failed; checking its offset against the log',
    'every partition can be fetched again',
  ],
  listener: ['an ownership listener failed and will be called again', 'ownership listeners succeed again'],
  room: ['there is no room to park a message; the partition waits', 'there is room to park messages again'],
  offsets: ['committing offsets to Kafka failed; retrying', 'offsets are committed to Kafka again'],
} as const satisfies Record<string, readonly [failure: string, over: string]>;

export type Retried = keyof typeof retried;

interface Retries {
  readonly log: RetryLog;
  /** The partitions that are failing. */
  readonly places: Set<string>;
}

/**
 * Reports the work of the runtime on the channels `millrace.consumer.batch`, `.failed` and
 * `.dead-letter`, and in the log.
 */
export class Reports {
  readonly #group: string;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #retries = new Map<Retried, Retries>();

  constructor(group: string, logger: Logger, clock: Clock) {
    this.#group = group;
    this.#logger = logger;
    this.#clock = clock;
  }

  /**
   * Call this after the commit. `endToEndMs` has the time from `ce_time` until now for each handled
   * message.
   */
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

  /** The batch's report counts the message. */
  erased(at: TopicPartition, { type, id, key, offset, correlationId }: ContextOfMessage): void {
    this.#logger.info(
      { ...this.#place(at), offset: String(offset), type, id, key, correlationId },
      'the message was dropped, because its personal data was erased',
    );
  }

  /**
   * Reports a failure that is retried without limit, such as an outage of the broker or the
   * database. An outage of all partitions is one log line.
   */
  retrying(error: unknown, retriedWork: Retried, at?: TopicPartition): void {
    const [what] = retried[retriedWork];
    failures.publish({ group: this.#group, topic: at?.topic, partition: at?.partition, error, what });
    const retries = this.#retries.get(retriedWork) ?? {
      log: new RetryLog({ logger: this.#logger, clock: this.#clock }),
      places: new Set(),
    };
    this.#retries.set(retriedWork, retries);
    retries.places.add(nameOf(at));
    retries.log.failed(error, what, this.#place(at));
  }

  /** Reports a success. The recovery is logged once no partition fails any more. */
  succeeded(retriedWork: Retried, at?: TopicPartition): void {
    const retries = this.#retries.get(retriedWork);
    if (retries === undefined) return;
    retries.places.delete(nameOf(at));
    const [, over] = retried[retriedWork];
    if (retries.places.size === 0) retries.log.recovered(over, { group: this.#group });
  }

  /** Forgets the failures of a partition that was given back. */
  left(at: TopicPartition): void {
    for (const { places } of this.#retries.values()) places.delete(nameOf(at));
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

const nameOf = (at?: TopicPartition): string => `${at?.topic}/${at?.partition}`;
