import { randomUUID } from 'node:crypto';
import { connectConsumer, connectProducer } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import type { BenchClient, Place } from './workload.ts';

export function ours({ bootstrapServer, topic }: Place): BenchClient {
  const connection = { bootstrapServers: [bootstrapServer], clientId: 'bench', logger: silentLogger };
  const producer = connectProducer(connection);
  const consumer = connectConsumer({
    ...connection,
    groupId: randomUUID(),
    topics: [topic],
    autoCommit: false,
    autoOffsetReset: 'earliest',
  });
  return {
    async connect() {
      await consumer.endOffsets([{ topic, partition: 0 }]);
    },
    send: (values) => producer.send(values.map((value) => ({ topic, key: null, value, partition: 0 }))),
    async consume(count) {
      let seen = 0;
      for await (const { records } of consumer.batches()) if ((seen += records.length) >= count) break;
    },
    close: async () => void (await Promise.all([producer.close(), consumer.close()])),
  };
}
