import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deleteTopics } from '../protocol/apis/topic-admin.ts';
import { metadata } from '../protocol/apis/metadata.ts';
import { errorCodes } from '../protocol/errors.ts';
import { brokerFixture, makeTopic, type BrokerFixture } from './broker.fixture.ts';
import type { WireClient } from '../protocol/testing/wire-client.ts';

let fixture: BrokerFixture;
let client: WireClient;
const newTopic = () => `t-${randomUUID()}`;

beforeAll(async () => {
  fixture = await brokerFixture({ defaultPartitions: 2 });
  client = await fixture.client();
});
afterAll(() => fixture.stop());

const describeTopic = async (name: string, version = 12) =>
  (await client.send(metadata, version, { topics: [{ name }] })).topics[0]!;

describe('Metadata', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])(
    'v%i returns this broker and a topic',
    async (version) => {
      const { name } = await makeTopic(client, newTopic());
      const answer = await client.send(metadata, version, { topics: [{ name }] });
      expect(answer.brokers).toEqual([
        { nodeId: 1, host: '127.0.0.1', port: fixture.broker.port, rack: null },
      ]);
      expect(answer.topics).toMatchObject([
        { name, errorCode: 0, partitions: [{ partitionIndex: 0, leaderId: 1, isrNodes: [1] }] },
      ]);
      if (version >= 2) expect(answer.clusterId).toBe(fixture.broker.clusterId);
    },
  );

  it('distinguishes a request for all topics from one for none', async () => {
    const { name } = await makeTopic(client, newTopic());
    const named = async (version: number, topics: [] | null) =>
      (await client.send(metadata, version, { topics })).topics.map((topic) => topic.name);
    expect(await named(0, [])).toContain(name);
    expect(await named(1, null)).toContain(name);
    expect(await named(1, [])).toEqual([]);
  });

  it('returns a topic once, however often it is requested', async () => {
    const { name } = await makeTopic(client, newTopic());
    const { topics } = await client.send(metadata, 9, {
      topics: [{ name }, { name: 'none' }, { name }],
      allowAutoTopicCreation: false,
    });
    expect(topics.map((topic) => topic.name)).toEqual([name, 'none']);
  });

  it('finds topics by id from version 12', async () => {
    const { name, topicId } = await makeTopic(client, newTopic());
    const ask = async (version: number, id: string) =>
      (await client.send(metadata, version, { topics: [{ topicId: id, name: null }] })).topics[0]!;
    expect(await ask(12, topicId)).toMatchObject({ errorCode: 0, name });
    const unknown = {
      errorCode: errorCodes.UNKNOWN_TOPIC_ID,
      name: null,
      topicAuthorizedOperations: -2147483648,
    };
    expect(await ask(12, randomUUID())).toMatchObject(unknown);
  });

  it('lists authorized operations only on request', async () => {
    const { name } = await makeTopic(client, newTopic());
    const asked = await client.send(metadata, 8, {
      topics: [{ name }],
      includeTopicAuthorizedOperations: true,
      includeClusterAuthorizedOperations: true,
    });
    expect(asked.topics[0]!.topicAuthorizedOperations).toEqual(3576);
    expect(asked.clusterAuthorizedOperations).toEqual(8096);
    expect((await describeTopic(name)).topicAuthorizedOperations).toBe(-2147483648);
  });

  it('does not create a requested topic by default, and rejects an invalid name', async () => {
    expect(await describeTopic(newTopic())).toMatchObject({
      errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
      partitions: [],
    });
    expect(await describeTopic('no/where')).toMatchObject({ errorCode: errorCodes.INVALID_TOPIC_EXCEPTION });
  });

  it('does not find a topic with a similar name, nor a reserved one that the broker has not created yet', async () => {
    const fresh = await brokerFixture({ autoCreateTopics: true });
    try {
      const own = await fresh.client();
      await makeTopic(own, 'a_b');
      const names = ['a.b', '__consumer_offsets', '__transaction_state'];
      const { topics } = await own.send(metadata, 9, {
        topics: names.map((name) => ({ name })),
        allowAutoTopicCreation: true,
      });
      expect(topics.map(({ errorCode }) => errorCode)).toEqual(
        names.map(() => errorCodes.UNKNOWN_TOPIC_OR_PARTITION),
      );
    } finally {
      await fresh.stop();
    }
  });

  it('does not delete topics if delete.topic.enable is false', async () => {
    const careful = await brokerFixture({ properties: { 'delete.topic.enable': 'false' } });
    try {
      const own = await careful.client();
      await makeTopic(own, 'kept');
      const { responses } = await own.send(deleteTopics, 6, { topics: [{ name: 'kept' }] });
      expect(responses[0]!.errorCode).toBe(errorCodes.TOPIC_DELETION_DISABLED);
      expect((await own.send(metadata, 9, { topics: [{ name: 'kept' }] })).topics[0]!.errorCode).toBe(0);
    } finally {
      await careful.stop();
    }
  });

  it('creates a requested topic if both the broker and the client allow it', async () => {
    const willing = await brokerFixture({ autoCreateTopics: true, defaultPartitions: 4 });
    try {
      const own = await willing.client();
      const ask = async (name: string, allowAutoTopicCreation: boolean) =>
        (await own.send(metadata, 9, { topics: [{ name }], allowAutoTopicCreation })).topics[0]!;
      expect(await ask('made', false)).toMatchObject({ errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION });
      expect((await ask('made', true)).partitions).toHaveLength(4);
      const twice = await Promise.all([willing.client(), willing.client()]);
      const both = await Promise.all(
        twice.map((each) => each.send(metadata, 3, { topics: [{ name: 'raced' }] })),
      );
      expect(both.map(({ topics }) => topics[0]!.errorCode)).toEqual([0, 0]);
    } finally {
      await willing.stop();
    }
  });
});
