import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startBroker, type Broker } from '../broker/index.ts';
import { connectAdmin, connectConsumer, connectProducer } from './index.ts';
import { days, silentLogger } from '../runtime/index.ts';

/** The program that the READMEs of this library show. */
let broker: Broker;

beforeAll(async () => {
  broker = await startBroker({ port: 0 });
});
afterAll(() => broker.close());

it('the first steps of a user send a record and receive it', async () => {
  const connection = {
    bootstrapServers: [`127.0.0.1:${broker.port}`],
    clientId: 'desk',
    logger: silentLogger,
  };

  await using admin = connectAdmin(connection);
  await admin.createTopics([{ name: 'bells', partitions: 3, retention: days(7), cleanup: 'delete' }]);

  await using producer = connectProducer(connection);
  const [written] = await producer.send([{ topic: 'bells', key: 'room-1', value: '{"rung":true}' }]);
  expect(written).toMatchObject({ topic: 'bells', offset: 0n });

  await using consumer = connectConsumer({
    ...connection,
    groupId: 'bell-watch',
    topics: ['bells'],
    autoOffsetReset: 'earliest',
  });
  for await (const record of consumer) {
    expect(record.value?.toString()).toBe('{"rung":true}');
    break;
  }
}, 30_000);
