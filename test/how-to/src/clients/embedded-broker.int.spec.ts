import { expect, it } from '@jest/globals';
import { startBroker } from '@millrace/streaming-core/broker';
import { connectAdmin, connectConsumer, connectProducer } from '@millrace/streaming-core/client';

it('a broker in the process of a test takes records and gives them back', async () => {
  const broker = await startBroker({ port: 0 });
  const connection = { bootstrapServers: [`${broker.host}:${broker.port}`], clientId: 'test' };
  const admin = connectAdmin(connection);
  await admin.topics.create([{ name: 'orders', partitions: 1 }]);
  const producer = connectProducer(connection);
  await producer.send([{ topic: 'orders', key: 'order-1', value: '{"total":2490}' }]);
  const reading = { groupId: 'totals', topics: ['orders'], autoOffsetReset: 'earliest' } as const;
  const consumer = connectConsumer({ ...connection, ...reading });

  const values: string[] = [];
  for await (const { value } of consumer) {
    values.push(String(value));
    break;
  }

  expect(values).toEqual(['{"total":2490}']);
  await Promise.all([admin.close(), producer.close(), consumer.close()]);
  await broker.close();
});
