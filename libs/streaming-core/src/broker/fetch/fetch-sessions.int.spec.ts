import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deleteTopics } from '../../protocol/apis/topic-admin.ts';
import { fetch, type FetchResponse } from '../../protocol/apis/fetch.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { batchOf, brokerFixture, makeTopic, produceBatch, type BrokerFixture } from '../broker.fixture.ts';
import type { WireClient } from '../../protocol/testing/wire-client.ts';

let fixture: BrokerFixture;
let client: WireClient;
let reader: WireClient;
const newTopic = () => `t-${randomUUID()}`;

beforeAll(async () => {
  fixture = await brokerFixture();
  client = await fixture.client();
  reader = await fixture.client();
});
afterAll(() => fixture.stop());

interface Asked {
  readonly id?: number;
  readonly epoch: number;
  readonly topic?: string;
  readonly positions?: ReadonlyArray<readonly [partition: number, offset: bigint]>;
  readonly forgotten?: readonly number[];
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly version?: number;
}

/**
 * Sends one Fetch of one topic, which is named by name up to version 12 and by id in later
 * versions.
 */
function ask(
  { id = 0, epoch, topic = '', positions = [], forgotten = [], version = 12, ...limits }: Asked,
  over = reader,
) {
  const named = version < 13 ? { topic } : { topicId: topic };
  const partitions = positions.map(([partition, fetchOffset]) => ({
    partition,
    fetchOffset,
    partitionMaxBytes: 1_000_000,
  }));
  return over.send(fetch, version, {
    maxWaitMs: 0,
    minBytes: 1,
    ...limits,
    sessionId: id,
    sessionEpoch: epoch,
    topics: positions.length === 0 ? [] : [{ ...named, partitions }],
    forgottenTopicsData: forgotten.length === 0 ? [] : [{ ...named, partitions: forgotten }],
  });
}

const partitionsIn = ({ responses }: Pick<FetchResponse, 'responses'>) =>
  responses.flatMap(({ partitions }) => partitions.map(({ partitionIndex }) => partitionIndex));

/** A topic with three partitions, and a session that has read it to its end. */
async function openSession(version = 12) {
  const topic = newTopic();
  const { topicId } = await makeTopic(client, topic, {}, 3);
  const named = version < 13 ? topic : topicId!;
  const positions = [0, 1, 2].map((partition) => [partition, 0n] as const);
  const { sessionId } = await ask({ epoch: 0, topic: named, positions, version });
  return { topic, named, id: sessionId };
}

describe('L45 a fetch session', () => {
  it.each([7, 11, 12, 13, 17])(
    'of version %i begins with everything and then returns only what is new',
    async (version) => {
      const topic = newTopic();
      const { topicId } = await makeTopic(client, topic, {}, 3);
      const named = version < 13 ? topic : topicId!;
      await produceBatch(client, { topic, partition: 1 }, batchOf(['a']));

      const full = await ask({ epoch: 0, topic: named, positions: [[0, 0n], [1, 0n], [2, 0n]], version }); // prettier-ignore
      expect(full.errorCode).toEqual(0);
      expect(partitionsIn(full)).toEqual([0, 1, 2]);
      expect(full.sessionId).toBeGreaterThan(0);

      const id = full.sessionId;
      const moved = await ask({ id, epoch: 1, topic: named, positions: [[1, 1n]], version });
      expect(moved).toMatchObject({ errorCode: 0, sessionId: id, responses: [] });
      await produceBatch(client, { topic, partition: 2 }, batchOf(['b', 'c']));
      const news = await ask({ id, epoch: 2, topic: named, version });
      expect(news.responses).toMatchObject([
        { partitions: [{ partitionIndex: 2, errorCode: 0, highWatermark: 2n }] },
      ]);
    },
  );

  it('answers when a partition grows that its requests no longer name', async () => {
    const { topic, id } = await openSession();
    const parked = ask({ id, epoch: 1, maxWaitMs: 20_000 });
    await produceBatch(client, { topic, partition: 2 }, batchOf(['a']));
    expect(partitionsIn(await parked)).toEqual([2]);
    const again = await ask({ id, epoch: 2, topic, positions: [[2, 1n]] });
    expect(again.responses).toEqual([]);
  });

  it("returns records again until the client's position moves", async () => {
    const { topic, id } = await openSession();
    await produceBatch(client, { topic, partition: 0 }, batchOf(['a']));
    expect(partitionsIn(await ask({ id, epoch: 1 }))).toEqual([0]);
    expect(partitionsIn(await ask({ id, epoch: 2 }))).toEqual([0]);
  });

  it('lets no partition starve behind one that always has more', async () => {
    const { topic, id } = await openSession();
    for (const partition of [0, 1, 2])
      for (let n = 0; n < 3; n += 1)
        await produceBatch(client, { topic, partition }, batchOf(['x'.repeat(200)]));
    const next = [0n, 0n, 0n];
    const served: number[] = [];
    for (let epoch = 1; epoch <= 6; epoch += 1) {
      const positions = served.slice(-1).map((partition) => [partition, next[partition]!] as const);
      const answer = await ask({ id, epoch, topic, positions, maxBytes: 100 });
      const [partition] = answer.responses
        .flatMap(({ partitions }) => partitions)
        .filter(({ records }) => records!.length > 0);
      served.push(partition!.partitionIndex);
      next[partition!.partitionIndex]! += 1n;
    }
    expect(served).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it("gives a partition its turn even if its batch never fits beside another's", async () => {
    const { topic, id } = await openSession();
    for (let n = 0; n < 4; n += 1) await produceBatch(client, { topic, partition: 0 }, batchOf(['small']));
    const large = batchOf(['x'.repeat(5_000)]);
    await produceBatch(client, { topic, partition: 1 }, large);
    const first = await ask({ id, epoch: 1, maxBytes: 1_000 });
    expect(first.responses[0]!.partitions.map(({ partitionIndex, records }) => [partitionIndex, records!.length > 0])).toEqual([[0, true], [1, false]]); // prettier-ignore
    const second = await ask({ id, epoch: 2, maxBytes: 1_000 });
    expect(second.responses[0]!.partitions).toMatchObject([
      { partitionIndex: 1, records: { length: large.length } },
    ]);
  });

  it('L47 identifies a topic by its id, also after it was deleted and recreated', async () => {
    const { topic, named, id } = await openSession(13);
    const codes = ({ responses }: Pick<FetchResponse, 'responses'>) =>
      new Set(responses.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode)));
    await client.send(deleteTopics, 5, { topicNames: [topic] });
    expect(codes(await ask({ id, epoch: 1, version: 13 }))).toEqual(
      new Set([errorCodes.UNKNOWN_TOPIC_OR_PARTITION]),
    );
    await makeTopic(client, topic, {}, 3);
    expect(codes(await ask({ id, epoch: 2, version: 13 }))).toEqual(
      new Set([errorCodes.INCONSISTENT_TOPIC_ID]),
    );
    const anew = await ask({ epoch: 0, topic: named, positions: [[0, 0n]], version: 13 });
    expect(codes(anew)).toEqual(new Set([errorCodes.UNKNOWN_TOPIC_ID]));
  });

  it('lists topics in runs as Apache Kafka does: partitions that had records go to the end, unknown ones behind all', async () => {
    const one = newTopic();
    const two = newTopic();
    for (const topic of [one, two]) await makeTopic(client, topic, {}, 2);
    const write = (topic: string, partition: number) =>
      produceBatch(client, { topic, partition }, batchOf(['r']));
    for (const [topic, partition] of [[one, 0], [two, 0], [one, 1]] as const) await write(topic, partition); // prettier-ignore
    const position = (partition: number) => ({ partition, fetchOffset: 0n, partitionMaxBytes: 1_000_000 });
    const asked = [{ topic: one, partitions: [position(0), position(9)] }, { topic: two, partitions: [position(0), position(1)] }, { topic: one, partitions: [position(1)] }]; // prettier-ignore
    const places = ({ responses }: FetchResponse) => responses.map(({ topic, partitions }) => [topic, ...partitions.map(({ partitionIndex }) => partitionIndex)]); // prettier-ignore
    const next = (sessionId: number, sessionEpoch: number) =>
      reader.send(fetch, 12, {
        maxWaitMs: 0,
        minBytes: 0,
        maxBytes: 1_000_000,
        sessionId,
        sessionEpoch,
        topics: sessionEpoch === 0 ? asked : [],
      });
    const begun = await next(0, 0);
    expect(places(begun)).toEqual([[one, 0], [two, 0, 1], [one, 1, 9]]); // prettier-ignore
    expect(places(await next(begun.sessionId, 1))).toEqual([[one, 0], [two, 0], [one, 1, 9]]); // prettier-ignore
    await write(two, 1);
    expect(places(await next(begun.sessionId, 2))).toEqual([[two, 1], [one, 0], [two, 0], [one, 1, 9]]); // prettier-ignore
  });

  it('adds and forgets partitions, and ends with the last one', async () => {
    const { topic, id } = await openSession();
    for (const partition of [0, 1]) await produceBatch(client, { topic, partition }, batchOf(['a']));
    expect(partitionsIn(await ask({ id, epoch: 1, topic, forgotten: [0, 2] }))).toEqual([1]);
    expect(partitionsIn(await ask({ id, epoch: 2, topic, positions: [[0, 0n]], forgotten: [1] }))).toEqual([
      0,
    ]);
    expect(await ask({ id, epoch: 3, topic, forgotten: [0] })).toMatchObject({
      errorCode: 0,
      sessionId: 0,
      responses: [],
    });
    expect((await ask({ id, epoch: 4 })).errorCode).toBe(errorCodes.FETCH_SESSION_ID_NOT_FOUND);
  });

  it('waits for minBytes over several partitions and then returns all of them', async () => {
    const { topic, id } = await openSession();
    const parked = ask({ id, epoch: 1, maxWaitMs: 20_000, minBytes: 250 });
    for (const partition of [0, 1, 2])
      await produceBatch(client, { topic, partition }, batchOf(['x'.repeat(30)]));
    const answer = await parked;
    expect(partitionsIn(answer).sort()).toEqual([0, 1, 2]);
  });

  it('repeats an error as long as it lasts', async () => {
    const { topic, id } = await openSession();
    const unknown = [
      { partitions: [{ partitionIndex: 7, errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION }] },
    ];
    expect(
      (await ask({ id, epoch: 1, topic, positions: [[7, 0n]], maxWaitMs: 20_000 })).responses,
    ).toMatchObject(unknown);
    expect((await ask({ id, epoch: 2, maxWaitMs: 20_000 })).responses).toMatchObject(unknown);
    const parked = ask({ id, epoch: 3, topic, forgotten: [7], maxWaitMs: 20_000 });
    await client.send(deleteTopics, 5, { topicNames: [topic] });
    expect((await parked).responses[0]!.partitions[0]).toMatchObject({
      errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
    });
  });

  it('rejects an unknown id, an unexpected epoch, and topics that are named the other way', async () => {
    const { named, id } = await openSession(13);
    expect(await ask({ id: id + 1, epoch: 1, version: 13 })).toMatchObject({
      errorCode: errorCodes.FETCH_SESSION_ID_NOT_FOUND,
      sessionId: 0,
      responses: [],
    });
    expect((await ask({ id, epoch: 2, version: 13 })).errorCode).toBe(errorCodes.INVALID_FETCH_SESSION_EPOCH);
    expect((await ask({ id, epoch: 1, version: 12 })).errorCode).toBe(
      errorCodes.FETCH_SESSION_TOPIC_ID_ERROR,
    );
    expect(await ask({ id, epoch: 1, topic: named, version: 13 })).toMatchObject({
      errorCode: 0,
      sessionId: id,
    });
  });

  it.each([-1, 0])('is ended by a full fetch of epoch %i', async (epoch) => {
    const { topic, id } = await openSession();
    const full = await ask({ id, epoch, topic, positions: [[0, 0n]] });
    expect(full.errorCode).toEqual(0);
    expect(full.sessionId > 0).toEqual(epoch === 0);
    expect(partitionsIn(full)).toEqual([0]);
    expect((await ask({ id, epoch: 1 })).errorCode).toBe(errorCodes.FETCH_SESSION_ID_NOT_FOUND);
  });

  it('serves the later of two concurrent requests and rejects the earlier at once', async () => {
    const { topic, id } = await openSession();
    const other = await fixture.client();
    const first = ask({ id, epoch: 1, maxWaitMs: 20_000 });
    await client.send(fetch, 12, { maxWaitMs: 0, minBytes: 0, topics: [] });
    const second = ask({ id, epoch: 2, maxWaitMs: 20_000 }, other);
    expect((await first).errorCode).toBe(errorCodes.INVALID_FETCH_SESSION_EPOCH);
    await produceBatch(client, { topic, partition: 0 }, batchOf(['a']));
    expect(partitionsIn(await second)).toEqual([0]);
  });
});
