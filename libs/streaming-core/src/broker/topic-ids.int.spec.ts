import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deleteTopics } from '../protocol/apis/topic-admin.ts';
import { metadata } from '../protocol/apis/metadata.ts';
import { offsetCommit, offsetFetch } from '../protocol/apis/group-offsets.ts';
import { produce } from '../protocol/apis/produce.ts';
import { errorCodes } from '../protocol/errors.ts';
import type { WireClient } from '../protocol/testing/wire-client.ts';
import { batchOf, brokerFixture, makeTopic, type BrokerFixture } from './broker.fixture.ts';

let fixture: BrokerFixture;
let client: WireClient;
const newTopic = () => `t-${randomUUID()}`;
const newGroup = () => `g-${randomUUID()}`;
const { UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST } = errorCodes;

beforeAll(async () => {
  fixture = await brokerFixture();
  client = await fixture.client();
});
afterAll(() => fixture.stop());

async function topicWithId() {
  const name = newTopic();
  return { name, topicId: (await makeTopic(client, name)).topicId! };
}

const produceTo = async (topicId: string, index = 0) =>
  (
    await client.send(produce, 13, {
      acks: -1,
      timeoutMs: 5_000,
      topicData: [{ topicId, partitionData: [{ index, records: batchOf(['a']) }] }],
    })
  ).responses[0]!;

const commit = async (groupId: string, topicIds: readonly string[]) => {
  const partitions = [{ partitionIndex: 0, committedOffset: 5n, committedMetadata: 'm' }];
  const { topics } = await client.send(offsetCommit, 10, {
    groupId,
    topics: topicIds.map((topicId) => ({ topicId, partitions })),
  });
  return topics.map((topic) => [topic.topicId, topic.partitions[0]!.errorCode]);
};

describe('topics named by id', () => {
  it('can be produced to (Produce 13)', async () => {
    const { topicId } = await topicWithId();
    expect(await produceTo(topicId)).toMatchObject({
      topicId,
      partitionResponses: [{ index: 0, errorCode: 0, baseOffset: 0n }],
    });
    expect((await produceTo(topicId, 7)).partitionResponses).toMatchObject([
      { errorCode: UNKNOWN_TOPIC_OR_PARTITION },
    ]);
    expect((await produceTo(randomUUID())).partitionResponses).toMatchObject([
      { errorCode: UNKNOWN_TOPIC_ID, baseOffset: -1n },
    ]);
  });

  it('have their offsets committed and fetched independently (OffsetCommit and OffsetFetch 10)', async () => {
    const { topicId } = await topicWithId();
    const groupId = newGroup();
    const unknown = randomUUID();
    expect(await commit(groupId, [topicId, unknown])).toEqual([[unknown, UNKNOWN_TOPIC_ID], [topicId, 0]]); // prettier-ignore
    const { groups } = await client.send(offsetFetch, 10, {
      groups: [
        { groupId, topics: [topicId, unknown].map((id) => ({ topicId: id, partitionIndexes: [0] })) },
        { groupId, topics: null },
      ],
    });
    const committed = {
      topicId,
      partitions: [{ partitionIndex: 0, committedOffset: 5n, metadata: 'm', errorCode: 0 }],
    };
    expect(groups[0]!.topics).toMatchObject([
      committed,
      { topicId: unknown, partitions: [{ committedOffset: -1n, errorCode: UNKNOWN_TOPIC_ID }] },
    ]);
    expect(groups[1]!.topics).toMatchObject([committed]);
  });

  it('L47 are different topics after they were deleted and recreated', async () => {
    const { name, topicId } = await topicWithId();
    await client.send(deleteTopics, 6, { topics: [{ topicId }] });
    await makeTopic(client, name);
    expect((await produceTo(topicId)).partitionResponses).toMatchObject([{ errorCode: UNKNOWN_TOPIC_ID }]);
    expect(await commit(newGroup(), [topicId])).toEqual([[topicId, UNKNOWN_TOPIC_ID]]);
  });

  it.each([10, 11])(
    'are rejected in Metadata %i, whose responses cannot report an unknown id',
    async (version) => {
      const { topicId } = await topicWithId();
      const answer = await client.send(metadata, version, { topics: [{ topicId, name: null }] });
      expect(answer).toMatchObject({
        brokers: [],
        controllerId: -1,
        topics: [{ errorCode: INVALID_REQUEST, name: '', topicId }],
      });
    },
  );
});
