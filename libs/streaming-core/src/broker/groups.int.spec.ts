import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  deleteGroups,
  describeGroups,
  listGroups,
  offsetDelete,
  heartbeat,
  joinGroup,
  syncGroup,
  leaveGroup,
} from '../protocol/apis/groups.ts';
import { findCoordinator } from '../protocol/apis/cluster.ts';
import { offsetCommit, offsetFetch } from '../protocol/apis/group-offsets.ts';
import { errorCodes } from '../protocol/errors.ts';
import { brokerFixture, makeTopic, type BrokerFixture } from './broker.fixture.ts';
import type { WireClient } from '../protocol/testing/wire-client.ts';

let fixture: BrokerFixture;
let client: WireClient;
const newGroup = () => `g-${randomUUID()}`;

beforeAll(async () => {
  fixture = await brokerFixture();
  client = await fixture.client();
});
afterAll(() => fixture.stop());

/**
 * Joins as the only member in the way of its version: from version 4, the client receives its id
 * first.
 */
async function joinAlone(groupId: string, version: number) {
  const ask = (memberId: string) =>
    client.send(joinGroup, version, {
      groupId,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      memberId,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.from('m') }],
    });
  const first = await ask('');
  if (version < 4) return first;
  expect(first).toMatchObject({
    errorCode: errorCodes.MEMBER_ID_REQUIRED,
    memberId: expect.stringMatching(/^wire-client-/),
  });
  return ask(first.memberId);
}

describe('the group APIs', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])(
    'support the whole life of a member (JoinGroup v%i)',
    async (version) => {
      const groupId = newGroup();
      const lower = (max: number) => Math.min(version, max);
      const joined = await joinAlone(groupId, version);
      expect(joined).toMatchObject({
        errorCode: 0,
        generationId: 1,
        protocolName: 'range',
        leader: joined.memberId,
      });
      expect(joined.members).toMatchObject([{ memberId: joined.memberId, metadata: Buffer.from('m') }]);
      const { memberId, generationId } = joined;

      const synced = await client.send(syncGroup, lower(5), {
        groupId,
        generationId,
        memberId,
        protocolType: 'consumer',
        protocolName: 'range',
        assignments: [{ memberId, assignment: Buffer.from('mine') }],
      });
      expect(synced).toMatchObject({ errorCode: 0, assignment: Buffer.from('mine') });
      const beat = (generation: number) =>
        client.send(heartbeat, lower(4), { groupId, generationId: generation, memberId });
      expect(await beat(generationId)).toMatchObject({ errorCode: 0 });
      expect(await beat(generationId + 1)).toMatchObject({ errorCode: errorCodes.ILLEGAL_GENERATION });

      const described = await client.send(describeGroups, lower(6), { groups: [groupId] });
      expect(described.groups[0]).toMatchObject({
        errorCode: 0,
        groupState: 'Stable',
        protocolType: 'consumer',
        protocolData: 'range',
      });
      expect(described.groups[0]!.members).toMatchObject([
        { memberId, clientId: 'wire-client', memberAssignment: Buffer.from('mine') },
      ]);

      const leave = () => client.send(leaveGroup, lower(5), { groupId, memberId, members: [{ memberId }] });
      expect(await leave()).toMatchObject({ errorCode: 0 });
      const again = await leave();
      const code = version < 3 ? again.errorCode : again.members[0]!.errorCode;
      expect(code).toBe(errorCodes.UNKNOWN_MEMBER_ID);
    },
  );

  it.each([2, 3, 4, 5, 6, 7, 8, 9])('store committed offsets (OffsetCommit v%i)', async (version) => {
    const groupId = newGroup();
    const topic = `t-${randomUUID()}`;
    await makeTopic(client, topic, {}, 2);
    const committed = await client.send(offsetCommit, version, {
      groupId,
      topics: [
        {
          name: topic,
          partitions: [
            { partitionIndex: 0, committedOffset: 5n, committedMetadata: 'note' },
            { partitionIndex: 9, committedOffset: 5n, committedMetadata: null },
            { partitionIndex: 1, committedOffset: 5n, committedMetadata: 'x'.repeat(5_000) },
          ],
        },
      ],
    });
    expect(committed.topics[0]!.partitions).toEqual([
      { partitionIndex: 9, errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION },
      { partitionIndex: 0, errorCode: errorCodes.NONE },
      { partitionIndex: 1, errorCode: errorCodes.OFFSET_METADATA_TOO_LARGE },
    ]);
    const wanted = [{ name: topic, partitionIndexes: [0, 1] }];
    const answer = await client.send(offsetFetch, version, {
      groupId,
      topics: wanted,
      groups: [{ groupId, topics: wanted }],
    });
    const { topics } = version >= 8 ? answer.groups[0]! : answer;
    expect(topics[0]!.partitions).toMatchObject([
      { partitionIndex: 0, committedOffset: 5n, metadata: 'note', errorCode: 0 },
      { partitionIndex: 1, committedOffset: -1n, metadata: '', errorCode: 0 },
    ]);
    const all = await client.send(offsetFetch, version, {
      groupId,
      topics: null,
      groups: [{ groupId, topics: null }],
    });
    expect((version >= 8 ? all.groups[0]! : all).topics).toMatchObject([
      { name: topic, partitions: [{ committedOffset: 5n }] },
    ]);
  });

  it('answer for several groups at once, known or unknown', async () => {
    const { groups } = await client.send(offsetFetch, 8, {
      groups: [newGroup(), newGroup()].map((groupId) => ({ groupId, topics: null })),
    });
    expect(groups.map(({ topics, errorCode }) => [topics, errorCode])).toEqual([
      [[], 0],
      [[], 0],
    ]);
  });

  it('describe an unknown group as dead, and from version 6 as not found', async () => {
    const groupId = newGroup();
    const ask = async (version: number) =>
      (await client.send(describeGroups, version, { groups: [groupId] })).groups[0]!;
    expect(await ask(5)).toMatchObject({ errorCode: 0, groupState: 'Dead' });
    expect(await ask(6)).toMatchObject({
      errorCode: errorCodes.GROUP_ID_NOT_FOUND,
      errorMessage: expect.stringContaining(groupId),
    });
  });

  it('answer for names of the maximum length', async () => {
    const longest = 'x'.repeat(32_767);
    const { groups } = await client.send(describeGroups, 6, { groups: [longest] });
    expect(groups).toMatchObject([
      { groupId: longest, errorMessage: expect.stringMatching(/^there is no group xxx.*\.\.\.$/) },
    ]);
    const joined = await client.send(joinGroup, 5, {
      groupId: longest,
      groupInstanceId: longest,
      memberId: '',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.from('m') }],
    });
    expect(joined).toMatchObject({
      errorCode: 0,
      memberId: expect.stringMatching(/^x{1000}-[-0-9a-f]{36}$/),
    });
    expect((await client.send(listGroups, 5, {})).groups.map(({ groupId }) => groupId)).toContain(longest);
  });

  it('list groups by state and type, in upper or lower case', async () => {
    const groupId = newGroup();
    await joinAlone(groupId, 3);
    const named = async (version: number, filters: { statesFilter?: string[]; typesFilter?: string[] }) =>
      (await client.send(listGroups, version, filters)).groups.filter((group) => group.groupId === groupId);
    expect(await named(0, {})).toMatchObject([{ protocolType: 'consumer' }]);
    expect(await named(5, { statesFilter: ['completingREBALANCE'], typesFilter: ['Classic'] })).toMatchObject(
      [{ groupState: 'CompletingRebalance', groupType: 'classic' }],
    );
    expect(await named(4, { statesFilter: ['Empty'] })).toEqual([]);
    expect(await named(5, { typesFilter: ['consumer'] })).toEqual([]);
  });
});

describe('committed offsets and groups', () => {
  const commit = async (groupId: string, topic: string, version = 9, member: object = {}) =>
    (
      await client.send(offsetCommit, version, {
        groupId,
        ...member,
        topics: [
          { name: topic, partitions: [{ partitionIndex: 0, committedOffset: 5n, committedMetadata: null }] },
        ],
      })
    ).topics[0]!.partitions[0]!.errorCode;

  it('are deleted on request, with a code for each group and partition', async () => {
    const groupId = newGroup();
    const topic = newGroup();
    await makeTopic(client, topic);
    expect(await commit(groupId, topic)).toBe(0);
    const deleted = await client.send(offsetDelete, 0, {
      groupId,
      topics: [{ name: topic, partitions: [{ partitionIndex: 0 }, { partitionIndex: 9 }] }],
    });
    expect(deleted).toMatchObject({ errorCode: 0, topics: [{ partitions: [{ errorCode: 0 }, { errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION }] }] }); // prettier-ignore
    await commit(groupId, topic);
    for (const version of [0, 1, 2]) {
      const { results } = await client.send(deleteGroups, version, { groupsNames: [groupId, groupId] });
      expect(results).toEqual([{ groupId, errorCode: version === 0 ? 0 : errorCodes.GROUP_ID_NOT_FOUND }]);
    }
    expect(await client.send(offsetDelete, 0, { groupId, topics: [] })).toMatchObject({
      errorCode: errorCodes.GROUP_ID_NOT_FOUND,
      topics: [],
    });
  });

  it('are rejected for an unknown partition before an unknown group', async () => {
    const topic = newGroup();
    await makeTopic(client, topic);
    const member = { generationIdOrMemberEpoch: 1, memberId: 'x' };
    expect(await commit(newGroup(), 'nowhere', 9, member)).toBe(errorCodes.UNKNOWN_TOPIC_OR_PARTITION);
    expect(await commit(newGroup(), topic, 9, member)).toBe(errorCodes.GROUP_ID_NOT_FOUND);
    expect(await commit(newGroup(), topic, 8, member)).toBe(errorCodes.ILLEGAL_GENERATION);
  });
});

describe('FindCoordinator', () => {
  it.each([0, 1, 2, 3])('v%i returns this broker for a group', async (version) => {
    const found = await client.send(findCoordinator, version, { key: 'g' });
    expect(found).toMatchObject({ errorCode: 0, nodeId: 1, host: '127.0.0.1', port: fixture.broker.port });
    if (version >= 1) expect(found.errorMessage).toBe('NONE');
  });

  it.each([4, 5, 6])('v%i returns it for several groups', async (version) => {
    const { coordinators } = await client.send(findCoordinator, version, { coordinatorKeys: ['a', 'b'] });
    expect(coordinators).toMatchObject(
      ['a', 'b'].map((key) => ({
        key,
        errorCode: 0,
        errorMessage: '',
        nodeId: 1,
        port: fixture.broker.port,
      })),
    );
  });

  it('returns this broker for transactions', async () => {
    const found = await client.send(findCoordinator, 2, { key: 'tx', keyType: 1 });
    expect(found).toMatchObject({ errorCode: 0, nodeId: 1, port: fixture.broker.port });
  });
});

describe('SyncGroup', () => {
  it('requires a protocol name in versions that have the field', async () => {
    const unnamed = { groupId: newGroup(), generationId: 1, memberId: 'x', assignments: [] };
    expect(await client.send(syncGroup, 5, unnamed)).toMatchObject({
      errorCode: errorCodes.INCONSISTENT_GROUP_PROTOCOL,
    });
    expect(await client.send(syncGroup, 4, unnamed)).toMatchObject({
      errorCode: errorCodes.UNKNOWN_MEMBER_ID,
    });
  });
});
