import { beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import { connectAdmin, type Admin } from '../admin/admin.ts';
import { newTopic, reach, uniqueName, type Engine } from '../client.fixture.ts';
import type { TransactionProtocol } from './transaction-wire.ts';
import type { TransactionalProducer } from '../transaction-types.ts';
import { transactionBench } from './transaction-bench.fixture.ts';

export function transactionEndSuite(engine: () => Engine): void {
  describe.each<TransactionProtocol>([1, 2])(
    'the transactional producer with transaction protocol %s',
    (transactionProtocolMax) => {
      let admin: Admin;
      let topic: string;
      const { closes, producer, seen, committed, send } = transactionBench(
        engine,
        transactionProtocolMax,
        () => topic,
      );

      beforeAll(() => {
        admin = connectAdmin({ ...reach(engine()), clientId: 'transaction-test', logger: silentLogger });
        closes.push(() => admin.close());
      });

      it('L90 takes over its transactional id, aborts what the predecessor left open and fences it permanently', async () => {
        topic = await newTopic(admin, 1);
        const id = uniqueName('order-processor');
        const predecessor = producer(id);
        const left = await predecessor.begin();
        await send(left, 'left open');

        const successor = producer(id);
        await successor.open();
        await successor.transaction((transaction) => send(transaction, 'taken over'));

        await expect(send(left, 'zombie')).rejects.toMatchObject({
          code: 'fenced',
          message: expect.stringContaining(id),
        });
        await expect(left.commit()).rejects.toMatchObject({ code: 'fenced' });
        await expect(predecessor.begin()).rejects.toMatchObject({ code: 'fenced' });
        await successor.transaction((transaction) => send(transaction, 'not fenced in return'));
        expect(await committed()).toEqual(['taken over', 'not fenced in return']);
      });

      it('is fenced permanently after the timeout has aborted its transaction', async () => {
        topic = await newTopic(admin, 1);
        const producing = producer(undefined, { transactionTimeoutMs: 3_000 });
        const transaction = await producing.begin();
        await send(transaction, 'too late');

        expect(await committed()).toEqual([]);

        await expect(transaction.commit()).rejects.toMatchObject({
          code: 'fenced',
          message: expect.stringContaining('3000 ms'),
        });
        await expect(producing.begin()).rejects.toMatchObject({ code: 'fenced' });
      });

      it('fences a predecessor whose next request is the commit', async () => {
        topic = await newTopic(admin, 1);
        const id = uniqueName('order-processor');
        const left = await producer(id).begin();
        await send(left, 'left open');
        await producer(id).open();

        await expect(left.commit()).rejects.toMatchObject({ code: 'fenced' });
        expect(await committed()).toEqual([]);
      });

      it('cannot commit a transaction in which a send failed, but can commit the next one', async () => {
        topic = await newTopic(admin, 1);
        const producing: TransactionalProducer = producer();
        const transaction = await producing.begin();
        await send(transaction, 'before');

        const unknown = transaction.send([{ topic: uniqueName('nobody-made-this'), key: null, value: '1' }]);
        await expect(unknown).rejects.toMatchObject({ code: 'unknown_topic' });
        await expect(send(transaction, 'after')).rejects.toMatchObject({ code: 'transaction_failed' });
        await expect(producing.begin()).rejects.toMatchObject({ code: 'transaction_over' });
        await expect(transaction.commit()).rejects.toMatchObject({ code: 'transaction_failed' });
        await expect(transaction.commit()).rejects.toMatchObject({ code: 'transaction_over' });

        await producing.transaction((next) => send(next, 'next'));
        expect(await committed()).toEqual(['next']);
      });

      it('completes an empty transaction, rejects an invalid record, and aborts an open transaction when it closes', async () => {
        topic = await newTopic(admin, 1);
        const producing = producer();
        await expect(producing.transaction(() => Promise.resolve('nothing'))).resolves.toBe('nothing');
        const transaction = await producing.begin();
        await expect(
          transaction.send([{ topic, key: null, value: 'x', partition: -1 }]),
        ).rejects.toMatchObject({ code: 'record_invalid' });
        await send(transaction, 'left');

        await producing.close();

        await expect(producing.begin()).rejects.toMatchObject({ code: 'closed' });
        expect(await committed()).toEqual([]);
        expect(await seen('read_uncommitted')).toEqual(['left']);
      });

      it('completes a commit that is in flight when it closes', async () => {
        topic = await newTopic(admin, 1);
        const producing = producer();
        const transaction = await producing.begin();
        const sending = send(transaction, 'whole');
        const committing = transaction.commit();

        await producing.close();

        await expect(Promise.all([sending, committing])).resolves.toBeDefined();
        expect(await committed()).toEqual(['whole']);
      });
    },
  );
}
