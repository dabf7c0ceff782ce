import {
  Consumer,
  MessagesStreamModes,
  ProduceAcks,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';
import { randomUUID } from 'node:crypto';
import type { BenchClient, Place } from './workload.ts';

export function platformatic({ bootstrapServer, topic }: Place): BenchClient {
  const connection = { clientId: 'bench', bootstrapBrokers: [bootstrapServer] };
  const producer = new Producer({ ...connection, serializers: stringSerializers, idempotent: true });
  const consumer = new Consumer({ ...connection, groupId: randomUUID(), deserializers: stringDeserializers });
  return {
    async connect() {
      await producer.metadata({ topics: [topic] });
    },
    send: (values) =>
      producer.send({
        messages: values.map((value) => ({ topic, value, partition: 0 })),
        acks: ProduceAcks.ALL,
      }),
    async consume(count) {
      const stream = await consumer.consume({
        topics: [topic],
        mode: MessagesStreamModes.EARLIEST,
        autocommit: false,
      });
      let seen = 0;
      for await (const _record of stream) if (++seen >= count) break;
    },
    close: async () => void (await Promise.all([producer.close(), consumer.close(true)])),
  };
}
