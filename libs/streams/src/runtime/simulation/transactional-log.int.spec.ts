import { describe } from '@jest/globals';
import { connectLogReader, connectTransactionalProducer } from '@millrace/streaming-core/client';
import { startLogWorld } from '../log-world.fixture.ts';
import { testTransactionalLog } from './transactional-log.suite.ts';

/** Compares the simulation's log with the embedded broker. */
describe('the log of the embedded broker', () => {
  testTransactionalLog(async () => {
    const world = await startLogWorld();
    const place = { bootstrapServers: world.bootstrapServers, clientId: 'log' };
    const topic = 'topic';
    await world.createTopic(topic, 1);
    const closing: (() => Promise<void>)[] = [];
    const closed = <Client extends { close(): Promise<void> }>(client: Client): Client => {
      closing.push(() => client.close());
      return client;
    };
    return {
      topic,
      producer: (transactionalId) => closed(connectTransactionalProducer({ ...place, transactionalId })),
      reader: (isolation) => closed(connectLogReader({ ...place, isolation, fetchMaxWaitMs: 20 })),
      stableOffsets: (partitions) => world.admin.groups.offsets('app', { partitions, stable: true }),
      deleteBefore: async (partition, offset) =>
        void (await world.admin.records.delete([{ ...partition, offset }])),
      async [Symbol.asyncDispose]() {
        await Promise.all(closing.map((close) => close()));
        await world[Symbol.asyncDispose]();
      },
    };
  });
});
