import type {
  BatchingProducer,
  GroupConsumer,
  OffsetToCommit,
  ProducerRecord,
} from '@millrace/streaming-core/client';
import type { Member, Output } from './output.ts';

/** Writes without transactions, so records after the last commit are written again after a crash. */
export class PlainOutput implements Output {
  readonly #connect: () => BatchingProducer;
  readonly #consumer: Pick<GroupConsumer, 'commit'>;
  #producer: BatchingProducer;

  constructor(connect: () => BatchingProducer, consumer: Pick<GroupConsumer, 'commit'>) {
    this.#connect = connect;
    this.#consumer = consumer;
    this.#producer = connect();
  }

  async open(): Promise<void> {}

  send(records: readonly ProducerRecord[]) {
    return this.#producer.send(records);
  }

  async commit(_member: Member, offsets: readonly OffsetToCommit[]): Promise<void> {
    if (offsets.length > 0) await this.#consumer.commit(offsets);
  }

  async abort(): Promise<void> {}

  async renew(): Promise<void> {
    await this.#producer.close();
    this.#producer = this.#connect();
  }

  async close(): Promise<void> {
    await this.#producer.close();
  }
}
