import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeBatch } from '../records/record-batch-encoder.ts';
import { RecordBatch } from '../records/record-batch.ts';
import { deleteTopics } from '../protocol/apis/delete-topics.ts';
import { fetch } from '../protocol/apis/fetch.ts';
import { initProducerId } from '../protocol/apis/init-producer-id.ts';
import { listOffsets } from '../protocol/apis/list-offsets.ts';
import { produce } from '../protocol/apis/produce.ts';
import { errorCodes } from '../protocol/errors.ts';
import { batchOf, brokerFixture, makeTopic, produceBatch, type BrokerFixture } from './broker.fixture.ts';
import type { WireClient } from '../protocol/testing/wire-client.ts';

let fixture: BrokerFixture;
let client: WireClient;
const newTopic = () => `t-${randomUUID()}`;

beforeAll(async () => {
  fixture = await brokerFixture();
  client = await fixture.client();
});
afterAll(() => fixture.stop());

async function committing() {
  const committed = await brokerFixture({ flush: 'commit' });
  const writer = await committed.client();
  await makeTopic(writer, 'acknowledged');
  return { client: writer, stop: () => committed.stop() };
}

interface Wanted {
  readonly offset?: bigint;
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly partitionMaxBytes?: number;
  readonly partition?: number;
  readonly leaderEpoch?: number;
}

async function fetchOne(from: WireClient, topic: string, wanted: Wanted = {}, version = 12) {
  const { responses } = await from.send(fetch, version, {
    maxWaitMs: wanted.maxWaitMs ?? 0,
    minBytes: wanted.minBytes ?? 1,
    maxBytes: wanted.maxBytes ?? 1_000_000,
    topics: [
      {
        ...(version >= 13 ? { topicId: topic } : { topic }),
        partitions: [
          {
            partition: wanted.partition ?? 0,
            fetchOffset: wanted.offset ?? 0n,
            currentLeaderEpoch: wanted.leaderEpoch ?? -1,
            partitionMaxBytes: wanted.partitionMaxBytes ?? 1_000_000,
          },
        ],
      },
    ],
  });
  return responses[0]!.partitions[0]!;
}

describe('Produce', () => {
  it.each([3, 4, 5, 6, 7, 8, 9, 10, 11])('v%i answers the offset of the first record', async (version) => {
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

  it('with acks=0 is not answered', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    const quiet = await fixture.client();
    const unanswered = quiet.send(produce, 11, {
      acks: 0,
      timeoutMs: 5_000,
      topicData: [{ name: topic, partitionData: [{ index: 0, records: batchOf(['a']) }] }],
    });
    unanswered.catch(() => undefined);
    const { highWatermark } = await fetchOne(client, topic, { maxWaitMs: 5_000 });
    expect(highWatermark).toBe(1n);
    let answered = false;
    void unanswered.then(() => (answered = true)).catch(() => undefined);
    await fetchOne(client, topic, { offset: 1n, maxWaitMs: 20 });
    expect(answered).toBe(false);
  });

  it('with acks=0 that fails closes the connection', async () => {
    const quiet = await fixture.client();
    await expect(produceBatch(quiet, { topic: 'nowhere', acks: 0 }, batchOf(['a']))).rejects.toThrow(
      'closed',
    );
  });

  it('refuses partition by partition, and the others proceed', async () => {
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

  it('knows no partition below 0, also where the name of another topic ends so', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    await makeTopic(client, `${topic}-`, {}, 2);
    const refused = { errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION };
    expect(await produceBatch(client, { topic, partition: -1 }, batchOf(['a']))).toMatchObject(refused);
    expect(await fetchOne(client, topic, { partition: -1 })).toMatchObject(refused);
  });

  it('refuses a whole request that has a batch of a transaction and names none', async () => {
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

  it('refuses a whole request that has bytes no producer of any age sends, and stores records with the times of their producer', async () => {
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

  it('refuses other acks, internal topics, old clients with zstd, and acks=all where two replicas are asked for', async () => {
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

  it('appends pipelined batches in the order they were sent', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, n) => produceBatch(client, { topic }, batchOf([`${n}`]))),
    );
    expect(results.map(({ baseOffset }) => baseOffset)).toEqual(results.map((_, n) => BigInt(n)));
  });

  it('gives a batch that an idempotent producer repeats its first offset', async () => {
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

describe('InitProducerId', () => {
  it('gives every producer an id of its own, whatever it had before', async () => {
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
  ])('refuses %s', async (_, half) => {
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

describe('Fetch', () => {
  it.each([4, 5, 7, 9, 11, 12])('v%i returns the batches by topic name', async (version) => {
    const topic = newTopic();
    await makeTopic(client, topic);
    await produceBatch(client, { topic }, batchOf(['a', 'b']));
    const partition = await fetchOne(client, topic, {}, version);
    expect(partition).toMatchObject({ errorCode: 0, highWatermark: 2n, lastStableOffset: 2n });
    expect(new RecordBatch(partition.records!).lastOffsetDelta).toBe(1);
  });

  it.each([13, 14, 15, 16, 17])(
    'v%i names topics by id, and an id of nothing is refused',
    async (version) => {
      const { topicId } = await makeTopic(client, newTopic());
      expect(await fetchOne(client, topicId, {}, version)).toMatchObject({
        errorCode: 0,
        records: Buffer.alloc(0),
      });
      expect(await fetchOne(client, randomUUID(), {}, version)).toMatchObject({
        errorCode: errorCodes.UNKNOWN_TOPIC_ID,
      });
    },
  );

  it('wakes as soon as there is data', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    const reader = await fixture.client();
    const started = performance.now();
    const parked = fetchOne(reader, topic, { maxWaitMs: 20_000 });
    await produceBatch(client, { topic }, batchOf(['a']));
    expect((await parked).records!.length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('waits for minBytes, and is answered empty when the time is up', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    const reader = await fixture.client();
    const parked = fetchOne(reader, topic, { maxWaitMs: 20_000, minBytes: 150 });
    await produceBatch(client, { topic }, batchOf(['a']));
    await produceBatch(client, { topic }, batchOf(['b']));
    await produceBatch(client, { topic }, batchOf(['c']));
    expect((await parked).records!.length).toBeGreaterThanOrEqual(150);
    expect(await fetchOne(reader, topic, { offset: 3n, maxWaitMs: 5 })).toMatchObject({
      errorCode: 0,
      records: Buffer.alloc(0),
    });
  });

  it.each([0, 5])(
    'that may wait for %i ms does wait for the disk, and finds what acks=1 acknowledged before it',
    async (maxWaitMs) => {
      const { client: writer, stop } = await committing();
      try {
        for (let offset = 0n; offset < 20n; offset += 1n) {
          const topic = 'acknowledged';
          const written = produceBatch(writer, { topic, acks: 1 }, batchOf(['a']));
          const read = fetchOne(writer, topic, { offset, maxWaitMs });
          expect(await written).toMatchObject({ errorCode: 0, baseOffset: offset });
          expect(await read).toMatchObject({ errorCode: 0, highWatermark: offset + 1n });
        }
      } finally {
        await stop();
      }
    },
  );

  it('is answered at once when its topic is deleted', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    const reader = await fixture.client();
    const parked = fetchOne(reader, topic, { maxWaitMs: 20_000 });
    await fetchOne(client, topic, { maxWaitMs: 5 });
    await client.send(deleteTopics, 5, { topicNames: [topic] });
    expect(await parked).toMatchObject({ errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION });
  });

  it('tells an offset that is out of range where other partitions have left no room', async () => {
    const topic = newTopic();
    await makeTopic(client, topic, {}, 2);
    await produceBatch(client, { topic, partition: 0 }, batchOf(['a']));
    const partitions = [0n, 7n].map((fetchOffset, partition) => ({
      partition,
      fetchOffset,
      partitionMaxBytes: 1_000,
    }));
    const { responses } = await client.send(fetch, 12, {
      maxWaitMs: 0,
      minBytes: 0,
      maxBytes: 1,
      topics: [{ topic, partitions }],
    });
    expect(responses[0]!.partitions.map(({ errorCode }) => errorCode)).toEqual([
      errorCodes.NONE,
      errorCodes.OFFSET_OUT_OF_RANGE,
    ]);
  });

  it('returns one whole batch even beyond every byte limit, and no more', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    const first = batchOf(['x'.repeat(500)]);
    await produceBatch(client, { topic }, first);
    await produceBatch(client, { topic }, batchOf(['y'.repeat(500)]));
    const { records } = await fetchOne(client, topic, { maxBytes: 10, partitionMaxBytes: 10 });
    expect(records!.length).toBe(first.length);
  });

  it('refuses offsets beyond the end, unknown partitions and other leader epochs', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    expect(await fetchOne(client, topic, { offset: 1n })).toMatchObject({
      errorCode: errorCodes.OFFSET_OUT_OF_RANGE,
      highWatermark: -1n,
    });
    expect(await fetchOne(client, topic, { partition: 3 })).toMatchObject({
      errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
    });
    expect(await fetchOne(client, topic, { leaderEpoch: 9 })).toMatchObject({
      errorCode: errorCodes.UNKNOWN_LEADER_EPOCH,
    });
  });
});

describe('Produce to a compacted topic', () => {
  it('refuses a batch for its records without a key, and names them', async () => {
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

describe('ListOffsets', () => {
  const ask = async (topic: string, timestamp: bigint, version = 9) => {
    const { topics } = await client.send(listOffsets, version, {
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp }] }],
    });
    return topics[0]!.partitions[0]!;
  };

  it('refuses a partition that is asked for twice, and answers each topic once', async () => {
    const topic = newTopic();
    await makeTopic(client, topic, {}, 2);
    const asked = (partitionIndex: number, timestamp = -1n) => ({ partitionIndex, timestamp });
    const { topics } = await client.send(listOffsets, 9, {
      topics: [
        { name: topic, partitions: [asked(0), asked(1)] },
        { name: newTopic(), partitions: [] },
        { name: topic, partitions: [asked(0, -2n)] },
      ],
    });
    expect(topics).toMatchObject([
      {
        name: topic,
        partitions: [
          { partitionIndex: 0, errorCode: errorCodes.INVALID_REQUEST, offset: -1n },
          { partitionIndex: 1, errorCode: 0, offset: 0n },
        ],
      },
    ]);
  });

  it('finds the ends, a time, and the newest record', async () => {
    const topic = newTopic();
    const now = BigInt(Date.now());
    await makeTopic(client, topic);
    for (const age of [3_000n, 1_000n, 2_000n])
      await produceBatch(client, { topic }, batchOf(['x'], { timestampMs: now - age }));
    expect(await ask(topic, -1n)).toMatchObject({ errorCode: 0, offset: 3n, timestamp: -1n, leaderEpoch: 0 });
    expect(await ask(topic, -2n)).toMatchObject({ offset: 0n, timestamp: -1n });
    expect(await ask(topic, -3n)).toMatchObject({ offset: 1n, timestamp: now - 1_000n });
    expect(await ask(topic, -4n)).toMatchObject({ offset: 0n });
    expect(await ask(topic, -5n)).toMatchObject({ errorCode: 0, offset: -1n, leaderEpoch: -1 });
    expect(await ask(topic, now - 2_500n)).toMatchObject({ offset: 1n, timestamp: now - 1_000n });
    expect(await ask(topic, now)).toMatchObject({ errorCode: 0, offset: -1n, timestamp: -1n });
  });

  it('refuses special timestamps that the version does not know', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    expect(await ask(topic, -3n, 6)).toMatchObject({ errorCode: errorCodes.UNSUPPORTED_VERSION });
    expect(await ask(topic, -9n)).toMatchObject({ errorCode: errorCodes.UNSUPPORTED_VERSION });
    expect(await ask('nowhere', -1n, 1)).toMatchObject({ errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION });
  });
});
