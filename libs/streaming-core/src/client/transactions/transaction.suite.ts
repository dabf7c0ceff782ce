import { beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  initProducerId,
  endTxn,
} from '../../protocol/apis/transactions.ts';
import { produce } from '../../protocol/apis/produce.ts';
import { txnOffsetCommit } from '../../protocol/apis/group-offsets.ts';
import { connectAdmin, type Admin } from '../admin/admin.ts';
import {
  declare,
  newTopic,
  fromStart,
  reach,
  readRecords,
  TestMember,
  uniqueName,
  type Engine,
} from '../client.fixture.ts';
import { seenRequests } from '../seen-requests.fixture.ts';
import type { TransactionProtocol } from './transaction-wire.ts';
import { transactionBench } from './transaction-bench.fixture.ts';

const transactionApis = [
  initProducerId,
  addPartitionsToTxn,
  produce,
  addOffsetsToTxn,
  txnOffsetCommit,
  endTxn,
];

export function transactionSuite(engine: () => Engine): void {
  describe.each<TransactionProtocol>([1, 2])(
    'the transactional producer with transaction protocol %s',
    (transactionProtocolMax) => {
      let admin: Admin;
      let topic: string;
      const { closes, producer, reader, seen, committed, send } = transactionBench(
        engine,
        transactionProtocolMax,
        () => topic,
      );

      beforeAll(() => {
        admin = connectAdmin({ ...reach(engine()), clientId: 'transaction-test', logger: silentLogger });
        closes.push(() => admin.close());
      });

      it('shows records to read_committed readers after the commit and to read_uncommitted readers before it', async () => {
        topic = await newTopic(admin, 1);
        const transaction = await producer().begin();

        const written = await send(transaction, 'a', 'b');
        expect(written).toEqual([0n, 1n].map((offset) => ({ topic, partition: 0, offset })));
        expect(await seen('read_uncommitted')).toEqual(['a', 'b']);
        expect(await seen('read_committed')).toEqual([]);
        await transaction.commit();

        expect(await committed()).toEqual(['a', 'b']);
      });

      it('L38 adds partitions and groups by separate requests in protocol 1 but not in protocol 2 (KIP-890)', async () => {
        topic = await newTopic(admin, 1);
        const producing = producer();

        const requests = await seenRequests(transactionApis, async () => {
          const transaction = await producing.begin();
          await send(transaction, 'a');
          await transaction.sendOffsets({ groupId: uniqueName('group') }, [
            { topic, partition: 0, offset: 1n },
          ]);
          await transaction.commit();
        });

        const expected = {
          1: [
            'InitProducerId',
            'AddPartitionsToTxn v3',
            'Produce v11',
            'AddOffsetsToTxn',
            'TxnOffsetCommit v4',
            'EndTxn v4',
          ],
          2: ['InitProducerId', 'Produce v13', 'TxnOffsetCommit v5', 'EndTxn v5'],
        };
        expect([...new Set(requests)]).toEqual(
          expected[transactionProtocolMax].map((name) => expect.stringContaining(name)),
        );
      });

      it('aborts when the work throws, rejects with the same error and hides the records', async () => {
        topic = await newTopic(admin, 1);
        const producing = producer();
        const reason = new Error('out of stock');

        await expect(
          producing.transaction(async (transaction) => {
            await send(transaction, 'aborted');
            throw reason;
          }),
        ).rejects.toBe(reason);
        await expect(
          producing.transaction((transaction) => send(transaction, 'committed')),
        ).resolves.toHaveLength(1);

        expect(await committed()).toEqual(['committed']);
        expect(await seen('read_uncommitted')).toEqual(['aborted', 'committed']);
      });

      it('L92 hides aborted records when one answer holds many transactions, or when their markers come later', async () => {
        topic = await newTopic(admin, 1);
        const first = producer();
        const second = producer();
        const long = await second.begin();
        await send(long, 'long 1');
        for (let round = 0; round < 6; round += 1) {
          const transaction = await first.begin();
          await send(transaction, `${round} a`);
          await send(transaction, `${round} b`);
          await (round % 3 === 0 ? transaction.commit() : transaction.abort());
        }
        await send(long, 'long 2');
        await long.abort();

        const expected = ['0 a', '0 b', '3 a', '3 b'];
        expect(await committed()).toEqual(expected);
        expect(await committed({ fetchMaxBytesPerPartition: 200 })).toEqual(expected); // a batch or two at a time
      });

      it('writes to partitions of several topics in one transaction, in several requests', async () => {
        const orders = uniqueName('orders');
        const inventory = uniqueName('inventory');
        await admin.createTopics([declare(orders, 3), declare(inventory, 2)]);
        const value = 'x'.repeat(300_000);

        await producer().transaction(async (transaction) => {
          await transaction.send(
            Array.from({ length: 5 }, (_, index) => ({ topic: orders, key: `user_${index}`, value })),
          );
          await transaction.send([
            { topic: inventory, key: 'lamp', value: null, headers: { ce_type: 'StockReserved' } },
          ]);
        });

        const records = await readRecords(
          reader('read_committed'),
          [...fromStart(orders, 3), ...fromStart(inventory, 2)],
          6,
        );
        expect(records.map(({ topic: name, key }) => `${name} ${String(key)}`).sort()).toEqual(
          [...[0, 1, 2, 3, 4].map((index) => `${orders} user_${index}`), `${inventory} lamp`].sort(),
        );
      });

      it('L94 writes to many partitions with one request that adds them, instead of one for each', async () => {
        const partitions = 40;
        topic = await newTopic(admin, partitions);
        const producing = producer();
        const records = Array.from({ length: partitions }, (_, partition) => {
          return { topic, key: null, value: `${partition}`, partition };
        });
        await producing.open();
        await producer().transaction((first) => first.send(records)); // so that each has a leader

        const requests = await seenRequests([addPartitionsToTxn, produce], () =>
          producing.transaction((transaction) => transaction.send(records)),
        );

        const adding = requests.filter((name) => name.startsWith(addPartitionsToTxn.name));
        expect(adding).toHaveLength(transactionProtocolMax === 1 ? 1 : 0);
        const { brokers } = await admin.describeCluster();
        // A leader may ask for a repetition.
        expect(requests.length - adding.length).toBeLessThan(10 * brokers.length);
        const read = await readRecords(
          reader('read_committed'),
          fromStart(topic, partitions),
          2 * partitions,
        );
        expect(read).toHaveLength(2 * partitions);
      });

      it('commits the offsets of a group with the transaction or not at all', async () => {
        topic = await newTopic(admin, 2);
        const groupId = uniqueName('group');
        const producing = producer();
        const offsets = (offset: bigint) => [{ topic, partition: 1, offset }];

        const undone = await producing.begin();
        await undone.sendOffsets({ groupId }, offsets(7n));
        await undone.abort();
        expect(await admin.committedOffsets(groupId)).toEqual([]);
        const done = await producing.begin();
        await done.sendOffsets({ groupId }, offsets(3n));
        const [last] = offsets(5n);
        await done.sendOffsets({ groupId }, [{ ...last!, metadata: 'a note' }]);
        expect(await admin.committedOffsets(groupId)).toEqual([]);
        await done.commit();

        const partitions = [{ topic, partition: 1 }];
        expect(await admin.stableOffsets(groupId, partitions)).toEqual(offsets(5n));
        expect(await admin.groups.offsets(groupId, { partitions })).toEqual([
          { ...last, metadata: 'a note' },
        ]);
      });

      it('rejects offsets of a former generation, and stable offsets wait for the end of its transaction', async () => {
        topic = await newTopic(admin, 1);
        const groupId = uniqueName('group');
        const member = new TestMember(engine(), groupId, [topic]);
        closes.push(() => member.close());
        await member.start();
        const { memberId = '', generationId = 0 } = member.assignment ?? {};
        const offsets = [{ topic, partition: 0, offset: 1n }];
        const producing = producer();

        const stale = await producing.begin();
        await expect(
          stale.sendOffsets({ groupId, memberId, generationId: generationId - 1 }, offsets),
        ).rejects.toMatchObject({
          code: 'not_member',
        });
        await expect(stale.commit()).rejects.toMatchObject({ code: 'transaction_failed' });
        const current = await producing.begin();
        await current.sendOffsets({ groupId, memberId, generationId }, offsets);
        const stable = admin.stableOffsets(groupId, [{ topic, partition: 0 }]);
        const committing = current.commit();

        expect(await stable).toEqual(offsets);
        await committing;
      });

      it('begins without a delay of a second while the previous transaction is still being completed', async () => {
        topic = await newTopic(admin, 3);
        const producing = producer();
        await producing.open();
        const startedAt = performance.now();

        for (let round = 0; round < 30; round += 1)
          await producing.transaction((transaction) =>
            transaction.send([{ topic, key: `${round}`, value: `${round}` }]),
          );

        expect((performance.now() - startedAt) / 30).toBeLessThan(500);
        expect(await readRecords(reader('read_committed'), fromStart(topic, 3), 30)).toHaveLength(30);
      });
    },
  );
}
