import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { addPartitionsToTxn } from '../protocol/apis/transactions.ts';
import { txnOffsetCommit } from '../protocol/apis/group-offsets.ts';
import { errorCodes } from '../protocol/errors.ts';
import type { WireClient } from '../protocol/testing/wire-client.ts';
import { batchOf, makeTopic, produceBatch } from './broker.fixture.ts';
import {
  committedOffset,
  readCommitted,
  TransactionalSession,
  versionsOf,
  type Producer,
} from './transactional-session.fixture.ts';

/**
 * Tests the promises to a transactional producer and a read_committed consumer. Both engines must
 * pass.
 */
export function transactionsSuite(connect: () => Promise<WireClient>): void {
  const uniqueName = (kind: string) => `${kind}-${randomUUID()}`;
  async function bench() {
    const client = await connect();
    const topic = uniqueName('topic');
    await makeTopic(client, topic, {}, 2);
    const session = new TransactionalSession(client, uniqueName('id'));
    await session.find(1);
    const producer = await session.init();
    expect(producer).toMatchObject({ name: 'NONE', producerEpoch: 0 });
    return { client, topic, session, producer: producer as Producer };
  }

  describe('without KIP-890', () => {
    it('L30 show their records to read_committed consumers once they commit', async () => {
      const { client, topic, session, producer } = await bench();
      expect(await session.add(producer, topic, 0, 1)).toBe('NONE');
      expect(await session.produce(producer, topic, { sequence: 0, values: ['a', 'b'] })).toMatchObject({
        name: 'NONE',
        baseOffset: 0n,
      });
      await session.produce(producer, topic, { sequence: 0, values: ['c'], partition: 1 });
      await produceBatch(client, { topic }, batchOf(['plain']));
      expect(await readCommitted(client, topic)).toMatchObject({
        lastStableOffset: 0n,
        highWatermark: 3n,
        values: [],
      });
      expect(await session.end(producer, true)).toMatchObject({ name: 'NONE' });
      await session.settled('CompleteCommit');
      expect(await readCommitted(client, topic)).toMatchObject({
        lastStableOffset: 4n,
        aborted: [],
        values: ['a', 'b', 'plain'],
      });
      expect((await readCommitted(client, topic, { partition: 1 })).values).toEqual(['c']);
    });

    it('leave out the records of an aborted transaction', async () => {
      const { client, topic, session, producer } = await bench();
      await session.add(producer, topic, 0);
      await session.produce(producer, topic, { sequence: 0, values: ['a'] });
      await session.end(producer, false);
      await session.settled('CompleteAbort');
      await session.add(producer, topic, 0);
      await session.produce(producer, topic, { sequence: 1, values: ['b'] });
      await session.end(producer, true);
      await session.settled('CompleteCommit');
      const { producerId } = producer;
      expect(await readCommitted(client, topic)).toMatchObject({
        aborted: [{ producerId, firstOffset: 0n }],
        values: ['b'],
      });
    });

    it('answer a repeated end like the first one, and the opposite end with an error', async () => {
      const { topic, session, producer } = await bench();
      expect(await session.end(producer, true)).toMatchObject({ name: 'INVALID_TXN_STATE' });
      await session.add(producer, topic, 0);
      await session.end(producer, true);
      await session.settled('CompleteCommit');
      expect(await session.end(producer, true)).toMatchObject({ name: 'NONE' });
      expect(await session.end(producer, false)).toMatchObject({ name: 'INVALID_TXN_STATE' });
    });

    it('reject records for a partition that was not added', async () => {
      const { topic, session, producer } = await bench();
      const produce = (version: number) =>
        session.produce(producer, topic, { sequence: 0, values: ['a'], version });
      expect(await produce(11)).toMatchObject({ name: 'TRANSACTION_ABORTABLE' });
      expect(await produce(10)).toMatchObject({ name: 'INVALID_TXN_STATE' });
    });
  });

  it("add none of the partitions in a request with a partition of the broker's own topics", async () => {
    const { client, topic, session, producer } = await bench();
    const { resultsByTopicV3AndBelow } = await client.send(addPartitionsToTxn, 3, {
      v3AndBelowTransactionalId: session.transactionalId,
      v3AndBelowProducerId: producer.producerId,
      v3AndBelowProducerEpoch: producer.producerEpoch,
      v3AndBelowTopics: ['__transaction_state', topic].map((name) => ({ name, partitions: [0] })),
    });
    const codes = resultsByTopicV3AndBelow.map(({ name, resultsByPartition }) => [
      name,
      resultsByPartition[0]?.partitionErrorCode,
    ]);
    expect(codes).toContainEqual(['__transaction_state', errorCodes.TOPIC_AUTHORIZATION_FAILED]);
    expect(codes).toContainEqual([topic, errorCodes.OPERATION_NOT_ATTEMPTED]);
    expect(await session.state()).toMatchObject({ transactionState: 'Empty', topics: [] });
  });

  describe('with KIP-890', () => {
    const { produce: produceVersion, end: endVersion } = versionsOf.new;

    it('L30 need no AddPartitionsToTxn and have an epoch each', async () => {
      const { client, topic, session, producer } = await bench();
      const write = (by: Producer, sequence: number, value: string) =>
        session.produce(by, topic, { sequence, values: [value], version: produceVersion });
      expect(await write(producer, 0, 'a')).toMatchObject({ name: 'NONE', baseOffset: 0n });
      expect(await write(producer, 1, 'b')).toMatchObject({ name: 'NONE', baseOffset: 1n });
      const next = await session.end(producer, true, endVersion);
      expect(next).toMatchObject({ name: 'NONE', producerId: producer.producerId, producerEpoch: 1 });
      expect(await write(next, 0, 'c')).toMatchObject({ name: 'NONE' });
      const last = await session.end(next, false, endVersion);
      expect(last).toMatchObject({ name: 'NONE', producerEpoch: 2 });
      await session.settled('CompleteAbort');
      expect((await readCommitted(client, topic)).values).toEqual(['a', 'b']);
    });

    it('recognize a repeated end, an abort without a transaction, and a late batch', async () => {
      const { topic, session, producer } = await bench();
      expect(await session.end(producer, true, endVersion)).toMatchObject({ name: 'INVALID_TXN_STATE' });
      const first = await session.end(producer, false, endVersion);
      expect(first).toMatchObject({ name: 'NONE', producerEpoch: 1 });
      await session.settled('CompleteAbort');
      await session.produce(first, topic, { sequence: 0, values: ['a'], version: produceVersion });
      const second = await session.end(first, true, endVersion);
      await session.settled('CompleteCommit');
      expect(await session.end(first, true, endVersion)).toEqual(second);
      expect(await session.end(first, false, endVersion)).toMatchObject({ name: 'INVALID_TXN_STATE' });
      const late = await session.produce(first, topic, {
        sequence: 1,
        values: ['late'],
        version: produceVersion,
      });
      expect(late).toMatchObject({ name: 'INVALID_PRODUCER_EPOCH' });
    });
  });

  it('L33 let a new producer of the same id fence the old one and abort its records', async () => {
    const { client, topic, session, producer } = await bench();
    await session.add(producer, topic, 0);
    await session.produce(producer, topic, { sequence: 0, values: ['zombie'] });
    const heir = await session.init();
    expect(heir).toMatchObject({
      firstName: 'CONCURRENT_TRANSACTIONS',
      name: 'NONE',
      producerId: producer.producerId,
      producerEpoch: 2,
    });
    expect(await session.produce(producer, topic, { sequence: 1, values: ['late'] })).toMatchObject({
      name: 'INVALID_PRODUCER_EPOCH',
    });
    expect(await session.add(producer, topic, 0)).toBe('PRODUCER_FENCED');
    expect(await session.end(producer, true)).toMatchObject({ name: 'PRODUCER_FENCED' });
    expect(await readCommitted(client, topic)).toMatchObject({ lastStableOffset: 2n, values: [] });
  });

  it('let a producer that continues after an error keep its id, and repeat the answer to a retry', async () => {
    const { session, producer } = await bench();
    const next = await session.init({ expected: producer });
    expect(next).toMatchObject({ name: 'NONE', producerId: producer.producerId, producerEpoch: 1 });
    expect(await session.init({ expected: producer })).toMatchObject({ name: 'NONE', producerEpoch: 1 });
    await session.init();
    expect(await session.init({ expected: producer })).toMatchObject({ name: 'PRODUCER_FENCED' });
    expect(await session.init({ expected: producer, version: 3 })).toMatchObject({
      name: 'INVALID_PRODUCER_EPOCH',
    });
  });

  describe.each(['old', 'new'] as const)('with offsets in the %s protocol', (protocol) => {
    const versions = versionsOf[protocol];

    it('L30 keep them pending until the commit, and drop them on an abort', async () => {
      const { client, topic, session, producer } = await bench();
      const groupId = uniqueName('group');
      await session.find(0);
      const commit = async (by: Producer, offset: bigint) => {
        if (protocol === 'old') expect(await session.addOffsets(by, groupId)).toBe('NONE');
        expect(await session.commitOffset(by, { groupId, topic, offset, version: versions.commit })).toBe(
          'NONE',
        );
      };
      await commit(producer, 5n);
      expect(await committedOffset(client, { groupId, topic })).toBe('UNSTABLE_OFFSET_COMMIT');
      expect(await committedOffset(client, { groupId, topic, requireStable: false })).toBe(-1n);
      const ended = await session.end(producer, true, versions.end);
      await session.settled('CompleteCommit');
      expect(await committedOffset(client, { groupId, topic })).toBe(5n);
      const next = protocol === 'new' ? ended : producer;
      await commit(next, 9n);
      expect(await committedOffset(client, { groupId, topic, requireStable: false })).toBe(5n);
      await session.end(next, false, versions.end);
      await session.settled('CompleteAbort');
      expect(await committedOffset(client, { groupId, topic })).toBe(5n);
    });

    it('do not add the group for an unknown partition, whatever else is wrong', async () => {
      const { client, session, producer } = await bench();
      const commit = async (groupId: string) => {
        const topics = [
          {
            name: uniqueName('nowhere'),
            partitions: [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: null }],
          },
        ];
        const request = { transactionalId: session.transactionalId, groupId, ...producer, topics };
        return (await client.send(txnOffsetCommit, versions.commit, request)).topics[0]!.partitions[0]!
          .errorCode;
      };
      expect(await commit(uniqueName('group'))).toBe(errorCodes.UNKNOWN_TOPIC_OR_PARTITION);
      expect(await commit('')).toBe(errorCodes.UNKNOWN_TOPIC_OR_PARTITION);
      expect(await session.state()).toMatchObject({ transactionState: 'Empty', topics: [] });
    });
  });
}
