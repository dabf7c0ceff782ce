import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { silentLogger } from '../../runtime/index.ts';
import { connectAdmin, type Admin } from '../admin/admin.ts';
import {
  controlOf,
  newTopic,
  reach,
  readSettled,
  TestMember,
  uniqueName,
  type Engine,
} from '../client.fixture.ts';
import { startClientProcess } from '../client-process.fixture.ts';
import { connectTransactionalProducer, type TransactionalProducerOptions } from './transactional-producer.ts';
import type { GroupConsumer } from '../group-consumer-types.ts';
import type { Transaction } from '../transaction-types.ts';

export function transactionHealingSuite(engine: () => Engine): void {
  describe('a transaction in an outage', () => {
    let admin: Admin;
    let topic: string;
    let reader: GroupConsumer;
    let everything: GroupConsumer;
    const closes: (() => Promise<void>)[] = [];

    beforeAll(() => {
      admin = connectAdmin({
        ...reach(engine()),
        clientId: 'healing-test',
        logger: silentLogger,
        operationTimeoutMs: 30_000,
      });
      reader = new TestMember(engine(), 'reader', [], { isolation: 'read_committed' }).consumer;
      everything = new TestMember(engine(), 'reader', []).consumer;
      closes.push(
        () => everything.close(),
        () => admin.close(),
        () => reader.close(),
      );
    });
    afterAll(() => Promise.all(closes.map((close) => close())));

    const control = () => controlOf(engine());
    const producer = (options: Partial<TransactionalProducerOptions> = {}) => {
      const place = { ...reach(engine()), clientId: 'healing-test', logger: silentLogger };
      const connected = connectTransactionalProducer({
        ...place,
        transactionalId: uniqueName('order-processor'),
        ...options,
      });
      closes.push(() => connected.close());
      return connected;
    };
    const send = (to: Transaction, value: string) => to.send([{ topic, key: null, value, partition: 0 }]);
    const committed = () => readSettled(reader, everything, topic);

    it('survives kill -9 of the broker and commits records from before and during the outage once', async () => {
      topic = await newTopic(admin, 1);
      const producing = producer();
      const groupId = uniqueName('group');
      await producing.transaction((earlier) => send(earlier, 'earlier'));
      const transaction = await producing.begin();
      await send(transaction, 'before');

      await control().kill();
      const sending = send(transaction, 'during');
      const offsets = transaction.sendOffsets({ groupId }, [{ topic, partition: 0, offset: 1n }]);
      const committing = transaction.commit();
      await control().start();

      await Promise.all([sending, offsets, committing]);
      expect(await committed()).toEqual(['earlier', 'before', 'during']);
      expect(await admin.stableOffsets(groupId, [{ topic, partition: 0 }])).toEqual([
        { topic, partition: 0, offset: 1n },
      ]);
    });

    it('L90 is aborted by the successor of a killed producer', async () => {
      topic = await newTopic(admin, 1);
      const transactionalId = uniqueName('order-processor');
      const killed = await startClientProcess(
        './transactions/open-transaction.program.ts',
        engine(),
        transactionalId,
        topic,
      );
      await killed.kill();

      const successor = producer({ transactionalId });
      await successor.transaction((next) => send(next, 'by its successor'));

      expect(await committed()).toEqual(['by its successor']);
      expect(await reader.endOffsets([{ topic, partition: 0 }])).toEqual([
        { topic, partition: 0, offset: 4n },
      ]); // two records, each with a marker
    });

    it('L91 has an unknown outcome if no broker answers the commit, and readers see all of it or nothing', async () => {
      topic = await newTopic(admin, 1);
      const hasty = producer({ deliveryTimeoutMs: 5_000 });
      const isDone = (work: Promise<unknown>) =>
        work.then(
          () => true,
          () => false,
        );
      // On a busy machine, connecting may take longer than the delivery timeout.
      await until(() => isDone(hasty.open()), Boolean);
      await hasty.transaction((earlier) => send(earlier, 'earlier'));
      const transaction = await hasty.begin();
      await send(transaction, '1 of 2');
      await send(transaction, '2 of 2');

      control().freeze();
      const committing = transaction.commit();
      await expect(committing).rejects.toMatchObject({ code: 'outcome_unknown' });
      control().thaw();
      await until(() => isDone(hasty.transaction((next) => send(next, 'next'))), Boolean);

      const values = (await committed()).filter(
        (value, index, read) => value !== 'next' || read[index - 1] !== 'next',
      );
      expect([
        ['earlier', 'next'],
        ['earlier', '1 of 2', '2 of 2', 'next'],
      ]).toContainEqual(values);
    });
  });
}
