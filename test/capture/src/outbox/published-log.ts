import { randomUUID } from 'node:crypto';
import { connectAdmin, connectConsumer, type ConsumedRecord } from '@millrace/streaming-core/client';
import type { TopicDeclaration } from '@millrace/streaming-core/contract';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';

/** A broker to which an outbox is published. */
export class PublishedLog {
  readonly bootstrapServers: string;
  readonly #broker: TestBroker;

  private constructor(broker: TestBroker) {
    this.#broker = broker;
    this.bootstrapServers = broker.bootstrapServers;
  }

  static async open(topics: readonly TopicDeclaration[]): Promise<PublishedLog> {
    const broker = await startTestBroker({ settings: { 'group.initial.rebalance.delay.ms': '0' } });
    const log = new PublishedLog(broker);
    await using admin = connectAdmin(log.connection('setup'));
    await admin.createTopics(topics);
    return log;
  }

  connection(clientId: string) {
    return { bootstrapServers: [this.bootstrapServers], clientId, logger: silentLogger };
  }

  /** Reads committed records from the beginning until there are as many as wanted. */
  async read(
    topics: readonly string[],
    wanted: number,
    limitMs = 120_000,
  ): Promise<readonly ConsumedRecord[]> {
    const consumer = connectConsumer({
      ...this.connection('reader'),
      groupId: `reader-${randomUUID()}`,
      topics,
      autoOffsetReset: 'earliest',
      isolation: 'read_committed',
    });
    const limit = setTimeout(() => void consumer.close(), limitMs);
    const seen: ConsumedRecord[] = [];
    try {
      for await (const record of consumer) {
        seen.push(record);
        if (seen.length >= wanted) return seen;
      }
    } finally {
      clearTimeout(limit);
      await consumer.close();
    }
    throw new Error(`only ${seen.length} of ${wanted} records came within ${limitMs} ms`);
  }

  close(): Promise<void> {
    return this.#broker.stop();
  }
}
