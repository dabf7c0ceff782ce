import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTopics, deleteTopics } from '../protocol/apis/topic-admin.ts';
import { metadata } from '../protocol/apis/metadata.ts';
import { offsetCommit, offsetFetch } from '../protocol/apis/group-offsets.ts';
import { errorCodes, type ErrorName } from '../protocol/errors.ts';
import { batchOf, brokerFixture, makeTopic, produceBatch, type BrokerFixture } from './broker.fixture.ts';
import type { WireClient } from '../protocol/testing/wire-client.ts';

let fixture: BrokerFixture;
let client: WireClient;
const newTopic = () => `t-${randomUUID()}`;

beforeAll(async () => {
  fixture = await brokerFixture({ defaultPartitions: 2 });
  client = await fixture.client();
});
afterAll(() => fixture.stop());

type Wanted = Parameters<typeof create>[0];

async function create(
  topic: {
    name?: string;
    numPartitions?: number;
    replicationFactor?: number;
    assignments?: Array<{ partitionIndex: number; brokerIds: number[] }>;
    configs?: Array<{ name: string; value: string | null }>;
  },
  { version = 7, validateOnly = false } = {},
) {
  const { topics } = await client.send(createTopics, version, {
    topics: [{ name: newTopic(), numPartitions: 1, replicationFactor: 1, ...topic }],
    validateOnly,
  });
  return topics[0]!;
}

const describeTopic = async (name: string, version = 12) =>
  (await client.send(metadata, version, { topics: [{ name }] })).topics[0]!;

describe('CreateTopics', () => {
  it.each([2, 3, 4, 5, 6, 7])('v%i creates a topic that Metadata shows at once', async (version) => {
    const name = newTopic();
    expect(await create({ name, numPartitions: 3 }, { version })).toMatchObject({ name, errorCode: 0 });
    expect(
      (await describeTopic(name)).partitions.map(({ partitionIndex, leaderId }) => [
        partitionIndex,
        leaderId,
      ]),
    ).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
  });

  it('returns the counts, the id and every effective config', async () => {
    const name = newTopic();
    const made = await create({
      name,
      numPartitions: -1,
      replicationFactor: -1,
      configs: [{ name: 'retention.ms', value: '604800000' }],
    });
    expect(made).toMatchObject({ errorCode: 0, numPartitions: 2, replicationFactor: 1 });
    expect(made.configs).toContainEqual({
      name: 'retention.ms',
      value: '604800000',
      readOnly: false,
      configSource: 1,
      isSensitive: false,
    });
    expect(made.configs).toContainEqual({
      name: 'cleanup.policy',
      value: 'delete',
      readOnly: false,
      configSource: 5,
      isSensitive: false,
    });
    expect((await describeTopic(name)).topicId).toBe(made.topicId);
  });

  it('accepts a manual assignment to this node', async () => {
    const assignments = [1, 0].map((partitionIndex) => ({ partitionIndex, brokerIds: [1] }));
    expect(await create({ numPartitions: -1, replicationFactor: -1, assignments })).toMatchObject({
      errorCode: 0,
      numPartitions: 2,
    });
  });

  it('names the limit of partitions and the remedy', async () => {
    expect((await create({ numPartitions: 100_000 })).errorMessage).toMatch(
      /: 100000 partitions .* limit of 4000, 100 of which are reserved .*: use fewer, /,
    );
  });

  it.each<[string, Wanted, ErrorName]>([
    ['an empty name', { name: '' }, 'INVALID_TOPIC_EXCEPTION'],
    ['two dots', { name: '..' }, 'INVALID_TOPIC_EXCEPTION'],
    ['a name of 250 letters', { name: 'x'.repeat(250) }, 'INVALID_TOPIC_EXCEPTION'],
    ['a slash', { name: 'a/b' }, 'INVALID_TOPIC_EXCEPTION'],
    ["the broker's own topics", { name: '__transaction_state' }, 'INVALID_TOPIC_EXCEPTION'],
    ['no partitions', { numPartitions: 0 }, 'INVALID_PARTITIONS'],
    ['more partitions than the broker allows', { numPartitions: 100_000 }, 'INVALID_PARTITIONS'],
    ['replication factor 0', { replicationFactor: 0 }, 'INVALID_REPLICATION_FACTOR'],
    ['replication factor 3', { replicationFactor: 3 }, 'INVALID_REPLICATION_FACTOR'],
    ['counts and assignments', { assignments: [{ partitionIndex: 0, brokerIds: [1] }] }, 'INVALID_REQUEST'],
    [
      'an assignment to another broker',
      { numPartitions: -1, replicationFactor: -1, assignments: [{ partitionIndex: 0, brokerIds: [2] }] },
      'INVALID_REPLICA_ASSIGNMENT',
    ],
    [
      'an assignment with a gap',
      { numPartitions: -1, replicationFactor: -1, assignments: [{ partitionIndex: 1, brokerIds: [1] }] },
      'INVALID_REPLICA_ASSIGNMENT',
    ],
    ['an unknown config', { configs: [{ name: 'retention.msec', value: '1' }] }, 'INVALID_CONFIG'],
    ['an invalid value', { configs: [{ name: 'cleanup.policy', value: 'forget' }] }, 'INVALID_CONFIG'],
    ['a config without a value', { configs: [{ name: 'retention.ms', value: null }] }, 'INVALID_CONFIG'],
  ])('rejects %s, also with validateOnly', async (_what, topic, error) => {
    expect(await create(topic, { validateOnly: true })).toMatchObject({ errorCode: errorCodes[error] });
    expect(await create(topic)).toMatchObject({
      errorCode: errorCodes[error],
      errorMessage: expect.any(String),
    });
  });

  it('L11 names the remedy for a replication factor above 1', async () => {
    expect((await create({ replicationFactor: 3 })).errorMessage).toMatch(/single node.*Apache Kafka/);
  });

  it("uses the broker's defaults in old versions too, as Apache Kafka does", async () => {
    expect(await create({ numPartitions: -1, replicationFactor: -1 }, { version: 3 })).toMatchObject({
      errorCode: errorCodes.NONE,
    });
  });

  it('rejects an existing name, one that differs only in dots and underscores, and one that occurs twice', async () => {
    const name = `a.${newTopic()}`;
    await create({ name });
    expect(await create({ name })).toMatchObject({ errorCode: errorCodes.TOPIC_ALREADY_EXISTS });
    expect(await create({ name: name.replace('.', '_') })).toMatchObject({
      errorCode: errorCodes.INVALID_TOPIC_EXCEPTION,
    });
    const twice = { name: newTopic(), numPartitions: 1, replicationFactor: 1 };
    const { topics } = await client.send(createTopics, 7, { topics: [twice, twice] });
    expect(topics.map(({ errorCode }) => errorCode)).toEqual([errorCodes.INVALID_REQUEST]);
  });

  it('accepts values as Apache Kafka does, and shows them in normal form', async () => {
    const given = { preallocate: 'True', 'retention.ms': ' 1000', 'segment.ms': '+0700' };
    const configs = Object.entries(given).map(([name, value]) => ({ name, value }));
    const made = await create({ configs });
    expect(made.errorCode).toBe(0);
    const shown = new Map(made.configs?.map(({ name, value }) => [name, value]));
    expect(shown.get('preallocate')).toEqual('true');
    expect(shown.get('retention.ms')).toEqual('1000');
    expect(shown.get('segment.ms')).toEqual('700');
  });

  it('reports the problem with a name of the maximum length', async () => {
    const { errorCode, errorMessage } = await create({ name: 'x'.repeat(32_767) });
    expect(errorCode).toBe(errorCodes.INVALID_TOPIC_EXCEPTION);
    expect(errorMessage).toMatch(/^topic name "xxx.*\.\.\.$/);
  });

  it('creates nothing with validateOnly', async () => {
    const name = newTopic();
    expect(await create({ name }, { validateOnly: true })).toMatchObject({ errorCode: 0, numPartitions: 1 });
    expect(await describeTopic(name)).toMatchObject({ errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION });
  });
});

describe('DeleteTopics', () => {
  it.each([1, 2, 3, 4, 5])('v%i deletes by name', async (version) => {
    const name = newTopic();
    await makeTopic(client, name);
    const { responses } = await client.send(deleteTopics, version, { topicNames: [name, 'nowhere'] });
    expect(responses.map(({ errorCode }) => errorCode)).toEqual([0, errorCodes.UNKNOWN_TOPIC_OR_PARTITION]);
    expect(await describeTopic(name)).toMatchObject({ errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION });
  });

  it('v6 deletes by id, and rejects both name and id, and neither', async () => {
    const { name, topicId } = await makeTopic(client, newTopic());
    const remove = async (topic: { name?: string; topicId?: string }) =>
      (await client.send(deleteTopics, 6, { topics: [topic] })).responses[0]!;
    expect(await remove({ name, topicId })).toMatchObject({ errorCode: errorCodes.INVALID_REQUEST });
    expect(await remove({})).toMatchObject({ errorCode: errorCodes.INVALID_REQUEST });
    expect(await remove({ topicId: randomUUID() })).toMatchObject({
      errorCode: errorCodes.UNKNOWN_TOPIC_ID,
      name: null,
    });
    expect(await remove({ topicId })).toMatchObject({ errorCode: 0, name });
  });

  it('for a hundred thousand topics does not block other requests', async () => {
    const order: string[] = [];
    const topicNames = Array.from({ length: 100_000 }, (_, index) => `unknown-${index}`);
    const deletion = client
      .send(deleteTopics, 5, { topicNames })
      .then(({ responses }) => order.push(`deleted ${responses.length}`));
    const other = await fixture.client();
    for (let turn = 0; turn < 3; turn += 1) await other.send(metadata, 9, { topics: [] });
    order.push('others');
    await deletion;
    expect(order).toEqual(['others', 'deleted 100000']);
  });

  it('lets a recreated topic begin with another id, offset 0 and no committed offsets', async () => {
    const name = newTopic();
    const first = await makeTopic(client, name);
    await produceBatch(client, { topic: name }, batchOf(['a', 'b']));
    const groupId = `g-${randomUUID()}`;
    await client.send(offsetCommit, 2, {
      groupId,
      topics: [{ name, partitions: [{ partitionIndex: 0, committedOffset: 2n, committedMetadata: null }] }],
    });
    await client.send(deleteTopics, 6, { topics: [{ name }] });
    const second = await makeTopic(client, name);
    expect(second.topicId).not.toBe(first.topicId);
    expect(await produceBatch(client, { topic: name }, batchOf(['c']))).toMatchObject({ baseOffset: 0n });
    const { topics } = await client.send(offsetFetch, 5, {
      groupId,
      topics: [{ name, partitionIndexes: [0] }],
    });
    expect(topics[0]!.partitions[0]).toMatchObject({ committedOffset: -1n, metadata: '', errorCode: 0 });
  });

  it("does not delete the broker's own topics", async () => {
    const { responses } = await client.send(deleteTopics, 6, { topics: [{ name: '__consumer_offsets' }] });
    expect(responses[0]).toMatchObject({ errorCode: errorCodes.TOPIC_DELETION_DISABLED });
    expect(await produceBatch(client, { topic: '__consumer_offsets' }, batchOf(['x']))).toMatchObject({
      errorCode: errorCodes.INVALID_TOPIC_EXCEPTION,
    });
  });
});
