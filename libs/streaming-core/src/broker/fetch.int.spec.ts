import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RecordBatch } from '../records/record-batch.ts';
import { deleteTopics } from '../protocol/apis/topic-admin.ts';
import { fetch } from '../protocol/apis/fetch.ts';
import { listOffsets } from '../protocol/apis/list-offsets.ts';
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

async function committing() {
  const committed = await brokerFixture({ flush: 'commit' });
  const writer = await committed.client();
  await makeTopic(writer, 'acknowledged');
  return { client: writer, stop: () => committed.stop() };
}

describe('Fetch', () => {
  it.each([4, 5, 7, 9, 11, 12])('v%i returns the batches of topics named by name', async (version) => {
    const topic = newTopic();
    await makeTopic(client, topic);
    await produceBatch(client, { topic }, batchOf(['a', 'b']));
    const partition = await fetchOne(client, topic, {}, version);
    expect(partition).toMatchObject({ errorCode: 0, highWatermark: 2n, lastStableOffset: 2n });
    expect(new RecordBatch(partition.records!).lastOffsetDelta).toBe(1);
  });

  it.each([13, 14, 15, 16, 17])('v%i names topics by id and rejects an unknown id', async (version) => {
    const { topicId } = await makeTopic(client, newTopic());
    expect(await fetchOne(client, topicId, {}, version)).toMatchObject({
      errorCode: 0,
      records: Buffer.alloc(0),
    });
    expect(await fetchOne(client, randomUUID(), {}, version)).toMatchObject({
      errorCode: errorCodes.UNKNOWN_TOPIC_ID,
    });
  });

  it('returns as soon as there is data', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    const reader = await fixture.client();
    const started = performance.now();
    const parked = fetchOne(reader, topic, { maxWaitMs: 20_000 });
    await produceBatch(client, { topic }, batchOf(['a']));
    expect((await parked).records!.length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it('waits for minBytes, and returns an empty answer after maxWaitMs', async () => {
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
    'L09 with maxWaitMs %i waits for the disk, and returns what acks=1 acknowledged before it',
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

  it('returns at once when its topic is deleted', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    const reader = await fixture.client();
    const parked = fetchOne(reader, topic, { maxWaitMs: 20_000 });
    await fetchOne(client, topic, { maxWaitMs: 5 });
    await client.send(deleteTopics, 5, { topicNames: [topic] });
    expect(await parked).toMatchObject({ errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION });
  });

  it('reports an offset out of range even if other partitions have left no room', async () => {
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

  it('rejects offsets beyond the end, unknown partitions and other leader epochs', async () => {
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

describe('ListOffsets', () => {
  const ask = async (topic: string, timestamp: bigint, version = 9) => {
    const { topics } = await client.send(listOffsets, version, {
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp }] }],
    });
    return topics[0]!.partitions[0]!;
  };

  it('rejects a partition that is named twice, and lists each topic once', async () => {
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

  it('finds the ends of a log, a timestamp, and the newest record', async () => {
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

  it('rejects special timestamps that the version does not have', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    expect(await ask(topic, -3n, 6)).toMatchObject({ errorCode: errorCodes.UNSUPPORTED_VERSION });
    expect(await ask(topic, -9n)).toMatchObject({ errorCode: errorCodes.UNSUPPORTED_VERSION });
    expect(await ask('nowhere', -1n, 1)).toMatchObject({ errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION });
  });
});
