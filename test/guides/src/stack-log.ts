import {
  connectAdmin,
  connectGroupConsumer,
  connectLogReader,
  connectProducer,
  type Admin,
  type FetchedRecord,
  type GroupConsumer,
  type GroupConsumerOptions,
  type OpenLogReader,
  type Producer,
} from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import type { StackPlaces } from '@millrace/test-support/stack';

/**
 * The shared stack's log for one spec. `close` deletes the spec's topics and closes its clients.
 */
export class StackLog {
  readonly bootstrapServers: string;
  readonly producer: Producer;
  readonly #admin: Admin;
  readonly #reader: OpenLogReader;
  readonly #topics: string[] = [];
  readonly #consumers: GroupConsumer[] = [];

  constructor({ bootstrapServers }: Pick<StackPlaces, 'bootstrapServers'>) {
    this.bootstrapServers = bootstrapServers;
    const connection = { bootstrapServers: [bootstrapServers], clientId: 'guides', logger: silentLogger };
    this.producer = connectProducer(connection);
    this.#admin = connectAdmin(connection);
    this.#reader = connectLogReader({ ...connection, isolation: 'read_committed', fetchMaxWaitMs: 20 });
  }

  /**
   * Creates an empty topic and first deletes one of this name that an earlier run may have left.
   */
  async newTopic(name: string, partitions: number): Promise<string> {
    await this.#admin.deleteTopics([name]);
    this.#topics.push(name);
    await this.#admin.createTopics([{ name, partitions, retention: 'unlimited', cleanup: 'delete' }]);
    return name;
  }

  consumer(
    options: Pick<
      GroupConsumerOptions,
      'clientId' | 'groupId' | 'topics' | 'fetchMaxWaitMs' | 'sessionTimeoutMs'
    >,
  ): GroupConsumer {
    const consumer = connectGroupConsumer({
      bootstrapServers: [this.bootstrapServers],
      logger: silentLogger,
      ...options,
    });
    this.#consumers.push(consumer);
    return consumer;
  }

  /** Returns the committed records of a topic with one partition. */
  async committed(topic: string): Promise<readonly FetchedRecord[]> {
    const place = { topic, partition: 0 };
    await this.#reader.identify([topic]); // It may have been created again.
    const [end] = await this.#reader.endOffsets([place]);
    const records: FetchedRecord[] = [];
    let offset = 0n;
    while (offset < (end?.offset ?? 0n)) {
      const [fetched] = await this.#reader.fetch([{ ...place, offset }]);
      if (fetched?.error) throw fetched.error;
      records.push(...(fetched?.records ?? []));
      offset = fetched?.nextOffset ?? offset;
    }
    return records;
  }

  async close(): Promise<void> {
    await Promise.all([
      this.producer.close(),
      this.#reader.close(),
      ...this.#consumers.map((consumer) => consumer.close()),
    ]);
    await this.#admin.deleteTopics(this.#topics);
    await this.#admin.close();
  }
}
