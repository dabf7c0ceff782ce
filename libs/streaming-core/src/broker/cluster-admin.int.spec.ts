import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  alterPartitionReassignments,
  listPartitionReassignments,
  electLeaders,
  describeClientQuotas,
  describeCluster,
} from '../protocol/apis/cluster.ts';
import { describeTopicPartitions } from '../protocol/apis/metadata.ts';
import { listConfigResources } from '../protocol/apis/configs.ts';
import { errorCodes } from '../protocol/errors.ts';
import type { WireClient } from '../protocol/testing/wire-client.ts';
import { brokerFixture, makeTopic, type BrokerFixture } from './broker.fixture.ts';

let fixture: BrokerFixture;
let client: WireClient;
const prefix = randomUUID();
const small = `${prefix}-a`;
const large = `${prefix}-b`;

beforeAll(async () => {
  fixture = await brokerFixture();
  client = await fixture.client();
  await makeTopic(client, small, {}, 2);
  await makeTopic(client, large, {}, 3);
});
afterAll(() => fixture.stop());

describe('DescribeCluster', () => {
  it.each([0, 1, 2])('v%i names the one broker', async (version) => {
    expect(
      await client.send(describeCluster, version, { includeClusterAuthorizedOperations: true }),
    ).toMatchObject({
      errorCode: 0,
      endpointType: 1,
      clusterId: fixture.broker.clusterId,
      controllerId: 1,
      clusterAuthorizedOperations: 8096,
      brokers: [{ brokerId: 1, host: '127.0.0.1', port: fixture.broker.port, isFenced: false }],
    });
  });

  it('rejects a request for a controller endpoint', async () => {
    const ask = async (endpointType: number) =>
      (await client.send(describeCluster, 2, { includeClusterAuthorizedOperations: false, endpointType }))
        .errorCode;
    expect(await ask(2)).toBe(errorCodes.MISMATCHED_ENDPOINT_TYPE);
    expect(await ask(9)).toBe(errorCodes.UNSUPPORTED_ENDPOINT_TYPE);
  });
});

describe('DescribeTopicPartitions', () => {
  const ask = (
    names: readonly string[],
    responsePartitionLimit: number,
    cursor: { topicName: string; partitionIndex: number } | null,
  ) =>
    client.send(describeTopicPartitions, 0, {
      topics: names.map((name) => ({ name })),
      responsePartitionLimit,
      cursor,
    });

  it.each([1, 2, 3, 5])(
    'L51 lists every partition once in pages of %i, with topics in order of their names',
    async (limit) => {
      const seen: string[] = [];
      let cursor: { topicName: string; partitionIndex: number } | null = null;
      do {
        const page = await ask([large, small], limit, cursor);
        for (const { name, partitions } of page.topics)
          seen.push(...partitions.map(({ partitionIndex }) => `${name}/${partitionIndex}`));
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(seen).toEqual([`${small}/0`, `${small}/1`, `${large}/0`, `${large}/1`, `${large}/2`]);
    },
  );

  it('reports unknown topics, and rejects a cursor outside the requested topics', async () => {
    const { topics } = await ask([small, `${prefix}-z`, 'no/where'], 100, null);
    expect(topics.map(({ name, errorCode }) => [name, errorCode])).toEqual([
      [small, 0],
      [`${prefix}-z`, errorCodes.UNKNOWN_TOPIC_OR_PARTITION],
      ['no/where', errorCodes.INVALID_TOPIC_EXCEPTION],
    ]);
    const refused = await ask([small], 100, { topicName: large, partitionIndex: 0 });
    expect(refused.topics).toMatchObject([{ errorCode: errorCodes.INVALID_REQUEST }]);
    expect((await ask([], 100, { topicName: large, partitionIndex: 2 })).topics).toMatchObject([
      { name: large, partitions: [{ partitionIndex: 2 }] },
    ]);
  });
});

describe('the placement of replicas', () => {
  it('has no reassignments in progress', async () => {
    expect(await client.send(listPartitionReassignments, 0, { topics: null })).toMatchObject({
      errorCode: 0,
      topics: [],
    });
  });

  it('can only be this node', async () => {
    const { responses } = await client.send(alterPartitionReassignments, 1, {
      topics: [
        {
          name: large,
          partitions: [[1], [2], null].map((replicas, partitionIndex) => ({ partitionIndex, replicas })),
        },
        { name: 'nowhere', partitions: [{ partitionIndex: 0, replicas: [1] }] },
      ],
    });
    expect(responses.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode))).toEqual([
      0,
      errorCodes.INVALID_REPLICA_ASSIGNMENT,
      errorCodes.NO_REASSIGNMENT_IN_PROGRESS,
      errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
    ]);
    expect(responses[0]!.partitions[1]!.errorMessage).toMatch(/single node.*Apache Kafka/);
  });

  it('needs no election', async () => {
    const elect = (electionType: number) =>
      client.send(electLeaders, 2, { electionType, topicPartitions: [{ topic: small, partitions: [0, 9] }] });
    const answered = (await elect(0)).replicaElectionResults[0]!.partitionResult;
    expect(answered.map(({ errorCode }) => errorCode)).toEqual([
      errorCodes.ELECTION_NOT_NEEDED,
      errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
    ]);
    expect((await elect(7)).errorCode).toBe(errorCodes.INVALID_REQUEST);
    const all = await client.send(electLeaders, 1, { electionType: 1, topicPartitions: null });
    expect(all.replicaElectionResults).toContainEqual({ topic: small, partitionResult: [] });
  });
});

describe('DescribeClientQuotas', () => {
  const ask = (...components: Array<{ entityType: string; matchType: number; match: string | null }>) =>
    client.send(describeClientQuotas, 1, { components, strict: false });
  const any = (entityType: string) => ({ entityType, matchType: 2, match: null });

  it('finds no quotas and rejects invalid filters', async () => {
    expect(await ask()).toMatchObject({ errorCode: 0, entries: [] });
    expect(await ask({ entityType: 'user', matchType: 0, match: 'ada' })).toMatchObject({
      errorCode: 0,
      entries: [],
    });
    expect(await ask(any('bogus'))).toMatchObject({
      errorCode: errorCodes.UNSUPPORTED_VERSION,
      entries: null,
    });
    for (const refused of [
      [any('user'), any('user')],
      [any('ip'), any('user')],
      [any('')],
      [{ ...any('user'), matchType: 0 }],
      [{ ...any('user'), matchType: 7 }],
    ])
      // prettier-ignore
      expect((await ask(...refused)).errorCode).toBe(errorCodes.INVALID_REQUEST);
  });
});

describe('ListConfigResources', () => {
  it('lists this broker and the topics by type', async () => {
    const ask = async (version: number, resourceTypes: readonly number[]) =>
      client.send(listConfigResources, version, { resourceTypes });
    const all = (await ask(1, [])).configResources;
    expect(all).toContainEqual({ resourceName: '1', resourceType: 4 });
    expect(all).toContainEqual({ resourceName: small, resourceType: 2 });
    expect((await ask(1, [4])).configResources).toEqual([{ resourceName: '1', resourceType: 4 }]);
    expect((await ask(1, [1])).errorCode).toBe(errorCodes.UNSUPPORTED_VERSION);
    expect((await ask(0, [])).configResources).toEqual([]);
  });
});
