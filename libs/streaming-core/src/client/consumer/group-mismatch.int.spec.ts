import { afterEach, describe, expect, it } from '@jest/globals';
import { findCoordinator } from '../../protocol/apis/cluster.ts';
import { describeGroups, joinGroup, listGroups } from '../../protocol/apis/groups.ts';
import { metadata } from '../../protocol/apis/metadata.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { silentLogger } from '../../runtime/index.ts';
import {
  scripted,
  startScriptedListener,
  type ScriptedListener,
} from '../connection/scripted-listener.fake.ts';
import { connectGroupConsumer } from './group-consumer.ts';

const groupId = 'readers';
const topicId = '11111111-2222-3333-4444-555555555555';
let broker: ScriptedListener | undefined;
let joins = 0;

/** A node of Apache Kafka that has a group of this type, which no classic member can join. */
async function startNode(groupType: string, listing: 'answers' | 'is silent' = 'answers'): Promise<string> {
  const place = () => broker?.address ?? { host: '', port: 0 };
  joins = 0;
  broker = await startScriptedListener([
    scripted(metadata, () => ({
      errorCode: 0,
      clusterId: 'scripted',
      brokers: [{ nodeId: 0, ...place() }],
      topics: [
        {
          errorCode: 0,
          name: 'orders',
          topicId,
          partitions: [{ errorCode: 0, partitionIndex: 0, leaderId: 0, replicaNodes: [0], isrNodes: [0] }],
        },
      ],
    })),
    scripted(findCoordinator, () => ({
      errorCode: 0,
      coordinators: [{ key: groupId, nodeId: 0, ...place(), errorCode: 0 }],
    })),
    scripted(joinGroup, () => {
      joins += 1;
      return {
        errorCode: errorCodes.INCONSISTENT_GROUP_PROTOCOL,
        protocolName: null,
        leader: '',
        memberId: '',
        members: [],
      };
    }),
    scripted(describeGroups, () => ({
      groups: [
        {
          errorCode: errorCodes.GROUP_ID_NOT_FOUND,
          groupId,
          groupState: 'Dead',
          protocolType: '',
          protocolData: '',
          members: [],
        },
      ],
    })),
    scripted(listGroups, () =>
      listing === 'answers'
        ? { errorCode: 0, groups: [{ groupId, groupType, protocolType: groupType }] }
        : undefined,
    ),
  ]);
  return `${broker.address.host}:${broker.address.port}`;
}

afterEach(() => broker?.close());

const failureOn = async (server: string): Promise<unknown> => {
  const consumer = connectGroupConsumer({
    bootstrapServers: [server],
    clientId: 'mismatch',
    groupId,
    topics: ['orders'],
    logger: silentLogger,
    metadataTimeoutMs: 500,
  });
  const idle = () => Promise.resolve();
  const failure: unknown = await consumer
    .start({ onRevoked: idle, onAssigned: idle })
    .catch((error) => error);
  await consumer.close();
  return failure;
};

describe('a classic consumer in a group of Apache Kafka that speaks a newer protocol', () => {
  it.each(['share', 'streams', 'consumer'])('Q17 fails at once and names the %s protocol', async (type) => {
    expect(await failureOn(await startNode(type))).toMatchObject({
      code: 'group_mismatch',
      message:
        `group readers uses the group protocol "${type}", and this consumer offers the classic group protocol with ` +
        '"range": give this consumer a groupId of its own, or have the others use the classic protocol',
    });
    expect(joins).toBe(1);
  });

  it('Q17 fails also if the coordinator does not tell what the group speaks', async () => {
    expect(await failureOn(await startNode('share', 'is silent'))).toMatchObject({
      code: 'group_mismatch',
      message: expect.stringContaining('group readers uses another group protocol or other assignors'),
    });
  });
});
