import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deleteTopics } from '../protocol/apis/topic-admin.ts';
import { describeProducers, listTransactions, writeTxnMarkers } from '../protocol/apis/transactions.ts';
import { fetch } from '../protocol/apis/fetch.ts';
import { brokerFixture, makeTopic, type BrokerFixture } from './broker.fixture.ts';
import { readCommitted, TransactionalSession } from './transactional-session.fixture.ts';
import { transactionsSuite } from './transactions.suite.ts';

describe('transactions on the embedded broker', () => {
  let fixture: BrokerFixture;
  beforeAll(async () => {
    fixture = await brokerFixture({ transactions: { timeoutCheckIntervalMs: 50 } });
  });
  afterAll(() => fixture.stop());
  transactionsSuite(() => fixture.client());

  async function begun(options: { readonly timeoutMs?: number } = {}) {
    const client = await fixture.client();
    const topic = `topic-${randomUUID()}`;
    await makeTopic(client, topic, {}, 2);
    const session = new TransactionalSession(client, `id-${randomUUID()}`);
    const producer = await session.init(options);
    await session.add(producer, topic, 0, 1);
    await session.produce(producer, topic, { sequence: 0, values: ['a'] });
    return { client, topic, session, producer };
  }

  it('end with one marker on a partition that was added twice', async () => {
    const { client, session, producer } = await begun();
    const topic = `topic-${randomUUID()}`;
    await makeTopic(client, topic);
    await session.add(producer, topic, 0, 0);
    await session.produce(producer, topic, { sequence: 0, values: ['b'] });
    expect((await session.state()).topics.find((one) => one.topic === topic)?.partitions).toEqual([0]);
    await session.end(producer, true);
    await session.settled('CompleteCommit');
    expect(await readCommitted(client, topic)).toMatchObject({ highWatermark: 2n, values: ['b'] });
  });

  it('are aborted after their timeout, and their producer is fenced', async () => {
    const { client, topic, session, producer } = await begun({ timeoutMs: 2_000 });
    await session.settled('CompleteAbort');
    expect(await readCommitted(client, topic)).toMatchObject({ lastStableOffset: 2n, values: [] });
    expect(await session.end(producer, true)).toMatchObject({ name: 'PRODUCER_FENCED' });
  });

  it('wake a read_committed consumer with their marker', async () => {
    const { topic, session, producer } = await begun();
    const reader = await fixture.client();
    const answer = reader.send(fetch, 11, {
      maxWaitMs: 20_000,
      minBytes: 1,
      maxBytes: 1 << 20,
      isolationLevel: 1,
      sessionId: 0,
      sessionEpoch: -1,
      rackId: '',
      forgottenTopicsData: [],
      topics: [{ topic, partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1 << 20 }] }],
    });
    await session.end(producer, true);
    expect((await answer).responses[0]!.partitions[0]).toMatchObject({ errorCode: 0, lastStableOffset: 2n });
  });

  it('end although one of their topics was deleted', async () => {
    const { client, topic, session, producer } = await begun();
    const kept = `topic-${randomUUID()}`;
    await makeTopic(client, kept);
    await session.add(producer, kept, 0);
    await session.produce(producer, kept, { sequence: 0, values: ['b'] });
    await client.send(deleteTopics, 6, {
      topics: [{ name: topic, topicId: '00000000-0000-0000-0000-000000000000' }],
      timeoutMs: 1_000,
    });
    expect(await session.end(producer, true)).toMatchObject({ name: 'NONE' });
    await session.settled('CompleteCommit');
    expect((await readCommitted(client, kept)).values).toEqual(['b']);
  });

  it('are listed and described, and an administrator can end one that its coordinator does not know', async () => {
    const { client, topic, session, producer } = await begun();
    const { producerId, producerEpoch } = producer;
    const list = (pattern: string) =>
      client.send(listTransactions, 2, {
        stateFilters: ['Ongoing', 'Odd'],
        producerIdFilters: [producerId],
        transactionalIdPattern: pattern,
      });
    const listed = await list(`${session.transactionalId.slice(0, 8)}.*`);
    expect(listed.unknownStateFilters).toEqual(['Odd']);
    expect(listed.transactionStates).toEqual([
      { transactionalId: session.transactionalId, producerId, transactionState: 'Ongoing' },
    ]);
    expect((await list('other')).transactionStates).toEqual([]);
    expect((await list('(a+)+')).errorCode).toBe(128);

    const active = async () => {
      const { topics } = await client.send(describeProducers, 0, {
        topics: [{ name: topic, partitionIndexes: [0] }],
      });
      return topics[0]!.partitions[0]!.activeProducers[0];
    };
    expect(await active()).toMatchObject({
      producerId,
      producerEpoch,
      lastSequence: 0,
      currentTxnStartOffset: 0n,
    });
    const marker = {
      producerId,
      producerEpoch,
      transactionResult: false,
      coordinatorEpoch: 0,
      topics: [{ name: topic, partitionIndexes: [0, 9] }],
    };
    const { markers } = await client.send(writeTxnMarkers, 1, { markers: [marker] });
    expect(markers[0]!.topics[0]!.partitions.map(({ errorCode }) => errorCode)).toEqual([0, 3]);
    expect(await active()).toMatchObject({ currentTxnStartOffset: -1n });
  });
});
