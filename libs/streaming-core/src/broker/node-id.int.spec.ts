import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPartitions, createTopics } from '../protocol/apis/topic-admin.ts';
import { describeCluster, findCoordinator } from '../protocol/apis/cluster.ts';
import { describeConfigs } from '../protocol/apis/configs.ts';
import { describeTopicPartitions, metadata } from '../protocol/apis/metadata.ts';
import { errorCodes } from '../protocol/errors.ts';
import type { WireClient } from '../protocol/testing/wire-client.ts';
import { brokerFixture, makeTopic, type BrokerFixture } from './broker.fixture.ts';
import { configResourceTypes } from './configs/config-kinds.ts';

/** Test suites of clients expect a broker 0 or a broker 1. */
describe.each([0, 7])('a broker with node.id=%i', (nodeId) => {
  let fixture: BrokerFixture;
  let client: WireClient;
  const topic = randomUUID();

  beforeAll(async () => {
    fixture = await brokerFixture({ properties: { 'node.id': String(nodeId) } });
    client = await fixture.client();
    await makeTopic(client, topic);
  });
  afterAll(() => fixture.stop());

  it('is the broker, the controller and the leader of every partition', async () => {
    const { port } = fixture.broker;
    expect(await client.send(metadata, 12, { topics: [{ name: topic }] })).toMatchObject({
      brokers: [{ nodeId, port }],
      controllerId: nodeId,
      topics: [{ partitions: [{ leaderId: nodeId, replicaNodes: [nodeId], isrNodes: [nodeId] }] }],
    });
    const cluster = await client.send(describeCluster, 2, { includeClusterAuthorizedOperations: false });
    expect(cluster).toMatchObject({ brokers: [{ brokerId: nodeId, port }], controllerId: nodeId });
    const asked = { topics: [{ name: topic }], responsePartitionLimit: 1, cursor: null };
    expect((await client.send(describeTopicPartitions, 0, asked)).topics[0]!.partitions[0]).toMatchObject({
      leaderId: nodeId,
    });
  });

  it('coordinates groups and transactions', async () => {
    for (const keyType of [0, 1]) {
      const { coordinators } = await client.send(findCoordinator, 4, { keyType, coordinatorKeys: ['a'] });
      expect(coordinators).toMatchObject([{ errorCode: errorCodes.NONE, nodeId, port: fixture.broker.port }]);
    }
  });

  it('accepts partitions that are assigned to it, and to no other', async () => {
    const make = async (brokerId: number) => {
      const assignments = [{ partitionIndex: 0, brokerIds: [brokerId] }];
      const made = { name: randomUUID(), numPartitions: -1, replicationFactor: -1, assignments, configs: [] };
      return (await client.send(createTopics, 7, { topics: [made], timeoutMs: 1_000, validateOnly: true }))
        .topics[0]!.errorCode;
    };
    const grow = async (brokerId: number) => {
      const topics = [{ name: topic, count: 2, assignments: [{ brokerIds: [brokerId] }] }];
      return (await client.send(createPartitions, 3, { topics, timeoutMs: 1_000, validateOnly: true }))
        .results[0]!.errorCode;
    };
    expect(await make(nodeId)).toEqual(errorCodes.NONE);
    expect(await grow(nodeId)).toEqual(errorCodes.NONE);
    const refused = errorCodes.INVALID_REPLICA_ASSIGNMENT;
    expect(await make(nodeId + 1)).toEqual(refused);
    expect(await grow(nodeId + 1)).toEqual(refused);
  });

  it('stores its id in the data folder', async () => {
    expect(await readFile(join(fixture.dataFolder, 'meta.properties'), 'utf8')).toContain(
      `\nnode.id=${nodeId}\n`,
    );
  });

  it('describes its configs under this id', async () => {
    const resources = [
      {
        resourceType: configResourceTypes.broker,
        resourceName: String(nodeId),
        configurationKeys: ['node.id', 'broker.id'],
      },
    ];
    const { results } = await client.send(describeConfigs, 4, {
      resources,
      includeSynonyms: false,
      includeDocumentation: false,
    });
    const value = String(nodeId);
    expect(results[0]!.configs).toMatchObject([
      { name: 'broker.id', value },
      { name: 'node.id', value },
    ]);
  });
});
