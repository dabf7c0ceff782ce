import { connectGroupConsumer, connectProducer } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import type { BenchClient, Place } from './workload.ts';

export function ours({ bootstrapServer, topic }: Place): BenchClient {
  const connection = { bootstrapServers: [bootstrapServer], clientId: 'bench', logger: silentLogger };
  const producer = connectProducer(connection);
  const reader = connectGroupConsumer({ ...connection, groupId: 'bench', topics: [topic] });
  return {
    async connect() {
      await reader.identify([topic]);
    },
    send: (values) => producer.send(values.map((value) => ({ topic, key: null, value, partition: 0 }))),
    async consume(count) {
      let offset = 0n;
      for (let seen = 0; seen < count;) {
        const [answer] = await reader.fetch([{ topic, partition: 0, offset }]);
        if (answer?.error) throw answer.error;
        seen += answer?.records.length ?? 0;
        offset = answer?.nextOffset ?? offset;
      }
    },
    close: async () => void (await Promise.all([producer.close(), reader.close()])),
  };
}
