import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import type { BenchClient, Place } from './workload.ts';

export function kafkajs({ bootstrapServer, topic }: Place): BenchClient {
  const kafka = new Kafka({ clientId: 'bench', brokers: [bootstrapServer], logLevel: logLevel.ERROR });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 5 });
  const consumer = kafka.consumer({ groupId: randomUUID() });
  return {
    connect: () => producer.connect(),
    send: (values) =>
      producer.send({ topic, acks: -1, messages: values.map((value) => ({ value, partition: 0 })) }),
    async consume(count) {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      let seen = 0;
      await new Promise<void>((resolve, reject) => {
        const eachBatch = async ({
          batch,
        }: {
          readonly batch: { readonly messages: readonly unknown[] };
        }) => {
          seen += batch.messages.length;
          if (seen >= count) resolve();
        };
        consumer.run({ autoCommit: false, eachBatch }).catch(reject);
      });
    },
    close: async () => void (await Promise.all([producer.disconnect(), consumer.disconnect()])),
  };
}
