import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeBatch } from '../records/record-batch-encoder.ts';
import { RecordBatch } from '../records/record-batch.ts';
import { initProducerId } from '../protocol/apis/transactions.ts';
import { produce } from '../protocol/apis/produce.ts';
import { errorCodes } from '../protocol/errors.ts';
import {
  batchOf,
  brokerFixture,
  fetchOne,
  makeTopic,
  produceBatch,
  type BrokerFixture,
} from './broker.fixture.ts';
import type { WireClient } from '../protocol/testing/wire-client.ts';

let fixture: BrokerFixture;
let client: WireClient;
const newTopic = () => `t-${randomUUID()}`;

beforeAll(async () => {
  fixture = await brokerFixture();
  client = await fixture.client();
});
afterAll(() => fixture.stop());

describe('Produce', () => {
  it.each([3, 4, 5, 6, 7, 8, 9, 10, 11])('v%i returns the offset of the first record', async (version) => {
    const topic = newTopic();
    await makeTopic(client, topic);
    expect(await produceBatch(client, { topic, version }, batchOf(['a', 'b']))).toMatchObject({
      errorCode: 0,
      baseOffset: 0n,
    });
    expect(await produceBatch(client, { topic, version, acks: 1 }, batchOf(['c']))).toMatchObject({
      errorCode: 0,
      baseOffset: 2n,
    });
  });

  it('with acks=0 gets no answer', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    const quiet = await fixture.client();
    const unanswered = quiet.send(produce, 11, {
      acks: 0,
      timeoutMs: 5_000,
      topicData: [{ name: topic, partitionData: [{ index: 0, records: batchOf(['a']) }] }],
    });
    unanswered.catch(() => undefined);
    const { highWatermark } = await fetchOne(client, topic, { maxWaitMs: 20_000 });
    expect(highWatermark).toBe(1n);
    let answered = false;
    void unanswered.then(() => (answered = true)).catch(() => undefined);
    await fetchOne(client, topic, { offset: 1n, maxWaitMs: 20 });
    expect(answered).toBe(false);
  });

  it('with acks=0 closes the connection if it fails', async () => {
    const quiet = await fixture.client();
    await expect(produceBatch(quiet, { topic: 'nowhere', acks: 0 }, batchOf(['a']))).rejects.toThrow(
      'closed',
    );
  });

  it('rejects single partitions while the others succeed', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    const damaged = batchOf(['x']);
    damaged[damaged.length - 1]! ^= 0xff;
    const { responses } = await client.send(produce, 9, {
      acks: -1,
      timeoutMs: 5_000,
      topicData: [
        { name: 'nowhere', partitionData: [{ index: 0, records: batchOf(['a']) }] },
        {
          name: topic,
          partitionData: [
            { index: 0, records: batchOf(['a']) },
            { index: 7, records: batchOf(['a']) },
            { index: 0, records: damaged },
            { index: 0, records: null },
          ],
        },
      ],
    });
    expect(
      responses.flatMap(({ partitionResponses }) => partitionResponses.map(({ errorCode }) => errorCode)),
    ).toEqual([
      errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
      errorCodes.NONE,
      errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
      errorCodes.CORRUPT_MESSAGE,
      errorCodes.INVALID_RECORD,
    ]);
  });

  it('rejects a negative partition, even if the name of another topic ends with it', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    await makeTopic(client, `${topic}-`, {}, 2);
    const refused = { errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION };
    expect(await produceBatch(client, { topic, partition: -1 }, batchOf(['a']))).toMatchObject(refused);
    expect(await fetchOne(client, topic, { partition: -1 })).toMatchObject(refused);
  });

  it('rejects a whole request with a transactional batch and without a transactional id', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    const records = [
      batchOf(['a']),
      batchOf(['t'], { transactional: true, producerId: 1n, producerEpoch: 0, baseSequence: 0 }),
    ];
    const { responses } = await client.send(produce, 9, {
      acks: -1,
      timeoutMs: 5_000,
      topicData: [{ name: topic, partitionData: records.map((one) => ({ index: 0, records: one })) }],
    });
    const { TRANSACTIONAL_ID_AUTHORIZATION_FAILED } = errorCodes;
    const codes = responses[0]!.partitionResponses.map(({ errorCode }) => errorCode);
    expect(codes).toEqual([TRANSACTIONAL_ID_AUTHORIZATION_FAILED, TRANSACTIONAL_ID_AUTHORIZATION_FAILED]);
  });

  it("rejects a whole request with malformed bytes, and stores records with their producer's timestamps", async () => {
    const topic = newTopic();
    await makeTopic(client, topic, {}, 2);
    const good = batchOf(['a']);
    const damaged = batchOf(['b']);
    damaged.writeInt8(3, 16);
    const partitionData = [{ index: 0, records: good }, { index: 1, records: damaged }]; // prettier-ignore
    const { responses } = await client.send(produce, 11, {
      acks: -1,
      timeoutMs: 5_000,
      topicData: [{ name: topic, partitionData }],
    });
    const corrupt = { errorCode: errorCodes.CORRUPT_MESSAGE };
    expect(responses[0]!.partitionResponses).toMatchObject([corrupt, corrupt]);
    good.writeInt16BE(0x08, 21);
    good.writeUInt32BE(new RecordBatch(good).computeCrc(), 17);
    expect(await produceBatch(client, { topic }, good)).toMatchObject({
      errorCode: errorCodes.NONE,
      baseOffset: 0n,
    });
    expect(new RecordBatch((await fetchOne(client, topic)).records!).isLogAppendTime).toBe(false);
  });

  it('rejects other values of acks, internal topics, old clients with zstd, and acks=all if two replicas are required', async () => {
    const topic = newTopic();
    const replicated = newTopic();
    await makeTopic(client, topic);
    await makeTopic(client, replicated, { 'min.insync.replicas': '2' });
    expect(await produceBatch(client, { topic, acks: 2 }, batchOf(['a']))).toMatchObject({
      errorCode: errorCodes.INVALID_REQUIRED_ACKS,
    });
    expect(
      await produceBatch(client, { topic, version: 6 }, batchOf(['a'], { codec: 'zstd' })),
    ).toMatchObject({
      errorCode: errorCodes.UNSUPPORTED_COMPRESSION_TYPE,
    });
    expect(await produceBatch(client, { topic: replicated }, batchOf(['a']))).toMatchObject({
      errorCode: errorCodes.NOT_ENOUGH_REPLICAS,
    });
    expect(await produceBatch(client, { topic: replicated, acks: 1 }, batchOf(['a']))).toMatchObject({
      errorCode: 0,
    });
  });

  it('L08 appends pipelined batches in the order they were sent', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, n) => produceBatch(client, { topic }, batchOf([`${n}`]))),
    );
    expect(results.map(({ baseOffset }) => baseOffset)).toEqual(results.map((_, n) => BigInt(n)));
  });

  it('L07 returns the first offset again for a batch that an idempotent producer repeats', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    const { producerId, producerEpoch } = await client.send(initProducerId, 5, {
      transactionalId: null,
      transactionTimeoutMs: 0,
    });
    const batch = (baseSequence: number) => batchOf(['a'], { producerId, producerEpoch, baseSequence });
    expect(await produceBatch(client, { topic }, batch(0))).toMatchObject({ errorCode: 0, baseOffset: 0n });
    expect(await produceBatch(client, { topic }, batch(1))).toMatchObject({ errorCode: 0, baseOffset: 1n });
    expect(await produceBatch(client, { topic }, batch(0))).toMatchObject({ errorCode: 0, baseOffset: 0n });
    expect(await produceBatch(client, { topic }, batch(9))).toMatchObject({
      errorCode: errorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER,
    });
  });
});

describe('Produce to a compacted topic', () => {
  it('rejects a batch because of its records without a key, and names them', async () => {
    const topic = newTopic();
    await makeTopic(client, topic, { 'cleanup.policy': 'compact' });
    const records = ['a', undefined, 'c', undefined].map((key) => ({
      key: key === undefined ? null : Buffer.from(key),
      value: Buffer.from('v'),
    }));
    const batch = encodeBatch(records, { timestampMs: BigInt(Date.now()) });
    expect(await produceBatch(client, { topic }, batch)).toMatchObject({
      errorCode: errorCodes.INVALID_RECORD,
      baseOffset: -1n,
      recordErrors: [{ batchIndex: 1 }, { batchIndex: 3 }],
    });
    expect(await fetchOne(client, topic, {})).toMatchObject({ highWatermark: 0n });
  });
});

describe('InitProducerId', () => {
  it('returns a new id for every producer, whatever id it had before', async () => {
    const ask = () =>
      client.send(initProducerId, 5, {
        transactionalId: null,
        transactionTimeoutMs: 0,
        producerId: 7n,
        producerEpoch: 3,
      });
    const ids = (await Promise.all([ask(), ask(), ask()])).map(({ producerId }) => producerId);
    expect(new Set(ids).size).toBe(3);
  });

  it.each([
    ['an id without its epoch', { producerId: 7n, producerEpoch: -1 }],
    ['an epoch without its id', { producerId: -1n, producerEpoch: 3 }],
  ])('rejects %s', async (_, half) => {
    const answer = await client.send(initProducerId, 5, {
      transactionalId: null,
      transactionTimeoutMs: 0,
      ...half,
    });
    expect(answer).toMatchObject({
      errorCode: errorCodes.INVALID_REQUEST,
      producerId: -1n,
      producerEpoch: -1,
    });
  });
});
