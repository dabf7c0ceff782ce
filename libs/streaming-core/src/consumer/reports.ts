import { channel } from 'node:diagnostics_channel';
import type { Logger } from '../contract/index.ts';
import type { TopicPartition } from '../client/index.ts';
import type { BatchResult } from './batch.ts';

const batches = channel('millrace.consumer.batch');
const failures = channel('millrace.consumer.failed');
const deadLetters = channel('millrace.consumer.dead-letter');

/** What the runtime says about its work: `millrace.consumer.batch`, `.failed` and `.dead-letter`, and the log. */
export class Reports {
  readonly #group: string;
  readonly #logger: Logger;

  constructor(group: string, logger: Logger) {
    this.#group = group;
    this.#logger = logger;
  }

  committed(at: TopicPartition, result: BatchResult, durationMs: number): void {
    batches.publish({ group: this.#group, topic: at.topic, partition: at.partition, durationMs, ...result });
  }

  deadLetter(at: TopicPartition, offset: bigint, error: Error): void {
    deadLetters.publish({ group: this.#group, topic: at.topic, partition: at.partition, offset, error });
    this.#logger.error({ err: error, ...this.#place(at), offset: String(offset) }, 'the message went to the dead letters');
  }

  failed(error: unknown, what: string, at?: TopicPartition): void {
    failures.publish({ group: this.#group, topic: at?.topic, partition: at?.partition, error, what });
    this.#logger.warn({ err: error, ...this.#place(at) }, what);
  }

  refused(error: Error, at: TopicPartition): void {
    failures.publish({ group: this.#group, topic: at.topic, partition: at.partition, error, what: 'offset refused' });
    this.#logger.error({ err: error, ...this.#place(at) }, error.message);
  }

  #place(at?: TopicPartition): object {
    return { group: this.#group, topic: at?.topic, partition: at?.partition };
  }
}
