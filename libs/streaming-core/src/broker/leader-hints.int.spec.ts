import { expect, it } from '@jest/globals';
import { fetch } from '../protocol/apis/fetch.ts';
import { metadata } from '../protocol/apis/metadata.ts';
import { errorCodes } from '../protocol/errors.ts';
import { WireClient } from '../protocol/testing/wire-client.ts';
import { brokerFixture, makeTopic } from './broker.fixture.ts';
import { startBroker } from './start-broker.ts';

it("the broker tells a client with the leader epoch from before a restart the current epoch and the leader's address", async () => {
  const before = await brokerFixture();
  const { topicId } = await makeTopic(await before.client(), 'orders');
  await before.broker.close();
  const after = await startBroker({
    dataFolder: before.dataFolder,
    port: 0,
    flush: 'none',
    properties: { 'node.id': '7' },
  });
  const client = await WireClient.connect(after);
  try {
    const { leaderEpoch } = (await client.send(metadata, 12, { topics: [{ name: 'orders' }] })).topics[0]!
      .partitions[0]!;
    expect(leaderEpoch).toBeGreaterThan(0);
    const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000, currentLeaderEpoch: 0 }];
    const answer = await client.send(fetch, 16, {
      maxWaitMs: 0,
      minBytes: 1,
      topics: [{ topicId, partitions }],
    });
    const refused = {
      errorCode: errorCodes.FENCED_LEADER_EPOCH,
      currentLeader: { leaderId: 7, leaderEpoch },
    };
    expect(answer.responses[0]!.partitions).toMatchObject([refused]);
    expect(answer.nodeEndpoints).toEqual([{ nodeId: 7, host: '127.0.0.1', port: after.port, rack: null }]);
  } finally {
    client.close();
    await after.close();
    await before.stop();
  }
});
