import { afterEach, describe, expect, it } from '@jest/globals';
import { addOffsetsToTxn, initProducerId } from '../protocol/apis/transactions.ts';
import { createTopics, deleteTopics } from '../protocol/apis/topic-admin.ts';
import { findCoordinator } from '../protocol/apis/cluster.ts';
import { joinGroup, syncGroup } from '../protocol/apis/groups.ts';
import { offsetCommit } from '../protocol/apis/group-offsets.ts';
import { errorCodes } from '../protocol/errors.ts';
import type { WireClient } from '../protocol/testing/wire-client.ts';
import { brokerFixture, makeTopic, type BrokerFixture } from './broker.fixture.ts';
import type { BrokerOptions } from './broker-settings.ts';

const coordinatorTopics = {
  groups: { offsetsTopicPartitions: 3 },
  transactions: { stateTopicPartitions: 2 },
};
const ofGroup = 0;
const ofTransaction = 1;

let fixture: BrokerFixture;
let client: WireClient;

afterEach(() => fixture.stop());

async function start(options: Partial<BrokerOptions>): Promise<void> {
  fixture = await brokerFixture({ ...coordinatorTopics, ...options });
  client = await fixture.client();
}

const coordinatorOf = (keyType: number) => client.send(findCoordinator, 2, { key: 'mine', keyType });

/** Joins a group as its only member. Returns the error code of the answer to SyncGroup. */
async function joinAndSync(groupId: string): Promise<number> {
  const { generationId, memberId } = await client.send(joinGroup, 3, {
    groupId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    memberId: '',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.from('m') }],
  });
  const assignments = [{ memberId, assignment: Buffer.from('mine') }];
  const synced = await client.send(syncGroup, 3, { groupId, generationId, memberId, assignments });
  return synced.errorCode;
}

const initTransactions = () =>
  client.send(initProducerId, 4, { transactionalId: 'mine', transactionTimeoutMs: 60_000 });

describe('a broker at its limit of partitions', () => {
  it('still has room for the topics of groups and transactions', async () => {
    await start({ limits: { partitionsMax: 12 } });
    const wanted = { name: 'orders', numPartitions: 8, replicationFactor: 1 };
    const refused = await client.send(createTopics, 7, { topics: [wanted] });
    expect(refused.topics[0]).toMatchObject({
      errorCode: errorCodes.INVALID_PARTITIONS,
      errorMessage: expect.stringContaining(
        '5 of which are reserved for __consumer_offsets and __transaction_state',
      ),
    });
    await makeTopic(client, 'orders', {}, 7);

    expect(await coordinatorOf(ofGroup)).toMatchObject({ errorCode: errorCodes.NONE, nodeId: 1 });
    expect(await joinAndSync('mine')).toBe(errorCodes.NONE);
    expect(await initTransactions()).toMatchObject({ errorCode: errorCodes.NONE });
    await expect(makeTopic(client, 'payments')).rejects.toThrow(/1 partitions on top of 12/);
  });
});

describe('a broker without room for the topics of the coordinators', () => {
  const lines: string[] = [];
  const note = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const logger = { debug: () => undefined, info: note, warn: note, error: note };

  /** Starts on a folder that an earlier release has filled, or whose limit was lowered. */
  async function startOnFullFolder(): Promise<void> {
    await start({});
    await makeTopic(client, 'orders', {}, 11);
    await fixture.broker.close();
    const { dataFolder } = fixture;
    await start({ dataFolder, limits: { partitionsMax: 12 }, logger });
    lines.length = 0;
  }

  it('tells clients to look for the coordinator later, and logs it once', async () => {
    await startOnFullFolder();
    for (let time = 0; time < 20; time += 1)
      expect(await coordinatorOf(ofGroup)).toMatchObject({
        errorCode: errorCodes.COORDINATOR_NOT_AVAILABLE,
        errorMessage: expect.stringMatching(/^__consumer_offsets cannot be created: .* raise the limit/),
        nodeId: -1,
      });
    expect(lines).toEqual([expect.stringMatching(/^__consumer_offsets cannot be created.*on top of 11/)]);
    expect(await coordinatorOf(ofTransaction)).toMatchObject({
      errorCode: errorCodes.COORDINATOR_NOT_AVAILABLE,
    });

    await client.send(deleteTopics, 5, { topicNames: ['orders'], timeoutMs: 10_000 });
    expect(await coordinatorOf(ofGroup)).toMatchObject({ errorCode: errorCodes.NONE });
    expect(await joinAndSync('mine')).toBe(errorCodes.NONE);
    expect(lines.at(-1)).toMatch(/__consumer_offsets was created.*"failures":20/);
  });

  it('gives the same code to clients that did not ask for a coordinator, and logs it once', async () => {
    await startOnFullFolder();
    for (let time = 0; time < 20; time += 1)
      expect(await joinAndSync(`group-${time}`)).toBe(errorCodes.COORDINATOR_NOT_AVAILABLE);
    const topics = [
      { name: 'orders', partitions: [{ partitionIndex: 0, committedOffset: 5n, committedMetadata: '' }] },
    ];
    const committed = await client.send(offsetCommit, 7, { groupId: 'other', topics });
    expect(committed.topics[0]!.partitions[0]).toMatchObject({
      errorCode: errorCodes.COORDINATOR_NOT_AVAILABLE,
    });
    expect(await initTransactions()).toMatchObject({ errorCode: errorCodes.COORDINATOR_NOT_AVAILABLE });
    const added = await client.send(addOffsetsToTxn, 3, {
      transactionalId: 'mine',
      producerId: 1n,
      producerEpoch: 0,
      groupId: 'other',
    });
    expect(added.errorCode).toBe(errorCodes.COORDINATOR_NOT_AVAILABLE);
    expect(
      lines.filter((line) => line.startsWith('the record of a group could not be written')),
    ).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('committed offsets could not be written'))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('__consumer_offsets cannot be created'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('"stack"'))).toEqual([]);
  });
});
