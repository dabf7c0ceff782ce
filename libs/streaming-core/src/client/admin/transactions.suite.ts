import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { minutes, silentLogger } from '../../runtime/index.ts';
import { connectGroupConsumer } from '../consumer/group-consumer.ts';
import { connectTransactionalProducer } from '../transactions/transactional-producer.ts';
import type { Transaction, TransactionalProducer } from '../types.ts';
import { type Engine, newTopic, reach, uniqueName } from '../client.fixture.ts';
import { connectAdmin, type Admin } from './admin.ts';

export function adminTransactionsSuite(engine: () => Engine): void {
  describe('the admin client, for transactions', () => {
    let admin: Admin;
    let producer: TransactionalProducer;
    let transaction: Transaction;
    let topic: string;
    const transactionalId = uniqueName('transfer');

    beforeAll(async () => {
      const connection = { ...reach(engine()), clientId: 'admin-test', logger: silentLogger };
      admin = connectAdmin(connection);
      topic = await newTopic(admin, 2);
      producer = connectTransactionalProducer({ ...connection, transactionalId });
      transaction = await producer.begin();
      await transaction.send([{ topic, key: null, value: '1', partition: 1 }]);
    });
    afterAll(async () => {
      await transaction.abort().catch(() => undefined);
      await producer.close().catch(() => undefined);
      await admin.close();
    });

    it('lists the open transactions of every broker', async () => {
      const listed = await admin.transactions.list({ states: ['Ongoing'] });
      expect(listed.find((one) => one.transactionalId === transactionalId)).toMatchObject({
        state: 'Ongoing',
        producerId: expect.any(BigInt),
      });
      const others = await admin.transactions.list({ idPattern: 'nothing-.*' });
      expect(others).toEqual([]);
      const long = await admin.transactions.list({ longerThanMs: minutes(5) });
      expect(long.map((one) => one.transactionalId)).not.toContain(transactionalId);
      await expect(admin.transactions.list({ states: ['Asleep'] })).rejects.toThrow(/no state named Asleep/);
    });

    it('describes a transaction with its partitions', async () => {
      const [described] = (await admin.transactions.describe([transactionalId])).values();
      expect(described).toMatchObject({ state: 'Ongoing', partitions: [{ topic, partition: 1 }] });
      expect(described?.startedAtMs).toBeGreaterThan(Date.now() - minutes(5));
      await expect(admin.transactions.describe([uniqueName('unknown')])).rejects.toThrow(
        /transactions\.list shows all of them/,
      );
    });

    it('describes the producers of a partition, and where their transactions begin', async () => {
      const partitions = [0, 1].map((partition) => ({ topic, partition }));
      const [idle, busy] = await admin.producers.describe(partitions);
      expect(idle?.producers).toEqual([]);
      expect(busy?.producers).toEqual([
        expect.objectContaining({ lastSequence: 0, transactionStartOffset: 0n }),
      ]);
    });

    it('B05 finds no hanging transaction where the coordinator is going to end it', async () => {
      expect(await admin.transactions.findHanging({ topics: [topic], longerThanMs: -1 })).toEqual([]);
    });

    it('B05 aborts a transaction on one partition, so that readers of committed records pass it', async () => {
      const place = { topic, partition: 1 };
      const reader = connectGroupConsumer({
        ...reach(engine()),
        clientId: 'reader',
        groupId: uniqueName('group'),
        topics: [],
        logger: silentLogger,
        isolation: 'read_committed',
      });
      const [blocked] = await reader.endOffsets([place]);

      const elsewhere = admin.transactions.abort({ ...place, transactionStartOffset: 7n });
      await expect(elsewhere).rejects.toThrow(/no open transaction of .* begins at offset 7/);
      await admin.transactions.abort({ ...place, transactionStartOffset: 0n });

      expect(blocked?.offset).toBe(0n);
      await until(
        () => reader.endOffsets([place]),
        ([end]) => end?.offset === 2n,
      );
      const [read] = await reader.fetch([{ ...place, offset: 0n }]);
      expect(read?.records).toEqual([]);
      await reader.close();
    });
  });
}
