import { afterEach, describe, expect, it } from '@jest/globals';
import { fetch } from '../../protocol/apis/fetch.ts';
import { metadata } from '../../protocol/apis/metadata.ts';
import { encodeBatch } from '../../records/record-batch-encoder.ts';
import { silentLogger } from '../../runtime/index.ts';
import { BrokerClient } from '../connection/broker-client.ts';
import { connectionSettings } from '../connection/connection-settings.ts';
import { scripted, startScriptedListener } from '../connection/scripted-listener.fake.ts';
import { LogReader } from './log-reader.ts';

const topic = 'orders';
const topicId = '11111111-2222-3333-4444-555555555555';
const quietMs = 20;

/** A broker that leads some partitions and answers a fetch when `hold` lets it. */
async function startLeader(hold: () => Promise<unknown>) {
  const seen: bigint[] = [];
  const listener = await startScriptedListener([
    scripted(metadata, () => ({
      errorCode: 0,
      clusterId: 'scripted',
      brokers: leaders.map(({ address }, nodeId) => ({ nodeId, ...address })),
      topics: [
        { errorCode: 0, name: topic, topicId, partitions: leaders.map((_leader, index) => partition(index)) },
      ],
    })),
    scripted(fetch, async ({ topics }) => {
      const { partition: partitionIndex = 0, fetchOffset = 0n } = topics[0]?.partitions[0] ?? {};
      seen.push(fetchOffset);
      await hold();
      const records = encodeBatch([{ value: Buffer.from(`${partitionIndex}`) }], {
        baseOffset: fetchOffset,
        timestampMs: 1n,
      });
      return {
        responses: [
          { topicId, partitions: [{ partitionIndex, errorCode: 0, highWatermark: 100n, records }] },
        ],
      };
    }),
  ]);
  return { ...listener, seen };
}

const partition = (partitionIndex: number) => ({
  errorCode: 0,
  partitionIndex,
  leaderId: partitionIndex,
  replicaNodes: [partitionIndex],
  isrNodes: [partitionIndex],
});

const leaders: Array<Awaited<ReturnType<typeof startLeader>>> = [];

describe('a reader of partitions with different leaders', () => {
  let brokers: BrokerClient;
  const start = async (...holds: ReadonlyArray<() => Promise<unknown>>) => {
    for (const hold of holds) leaders.push(await startLeader(hold));
    const settings = connectionSettings({
      bootstrapServers: leaders.map(({ address }) => `${address.host}:${address.port}`),
      clientId: 'hung-leader',
      logger: silentLogger,
    });
    brokers = new BrokerClient(settings);
    const limits = {
      operationTimeoutMs: 5_000,
      fetchMaxWaitMs: quietMs,
      fetchMaxBytes: 1_000_000,
      fetchMaxBytesPerPartition: 1_000_000,
      fetchConnectionsMax: 2,
      isolation: 'read_uncommitted',
    } as const;
    return new LogReader({ ...settings, ...limits }, brokers);
  };
  afterEach(() => {
    brokers.close();
    for (const leader of leaders.splice(0)) leader.close();
  });
  const at = (partitionIndex: number, offset: bigint) => ({ topic, partition: partitionIndex, offset });

  it('goes on reading from the others while one leader hangs, and asks that leader only once', async () => {
    const reader = await start(
      async () => undefined,
      () => new Promise(() => undefined),
    );
    let offset = 0n;
    for (let round = 0; round < 5; round += 1) {
      const [healthy, hung] = await reader.fetch([at(0, offset), at(1, 7n)]);
      expect(healthy).toMatchObject({ records: [{ offset }], nextOffset: offset + 1n });
      expect(hung).toMatchObject({ records: [], nextOffset: 7n });
      expect(hung?.error).toBeUndefined();
      offset += 1n;
    }
    expect(leaders[1]?.seen).toEqual([7n]);
  });

  it('gives the late answer of a leader to the next fetch from the same position', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const reader = await start(
      async () => undefined,
      () => held,
    );
    await reader.fetch([at(0, 0n), at(1, 7n)]);
    release();

    let late = (await reader.fetch([at(1, 7n)]))[0];
    expect(late).toMatchObject({ records: [{ offset: 7n }], nextOffset: 8n });
    expect(leaders[1]?.seen).toEqual([7n]);
    late = (await reader.fetch([at(1, 8n)]))[0];
    expect(late).toMatchObject({ records: [{ offset: 8n }] });
  });

  it('does not give an answer to a fetch from another position', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const reader = await start(
      async () => undefined,
      () => held,
    );
    await reader.fetch([at(0, 0n), at(1, 7n)]);
    release();

    expect((await reader.fetch([at(1, 50n)]))[0]).toMatchObject({ records: [{ offset: 50n }] });
  });

  it('waits for every leader if the caller wants all answers', async () => {
    const reader = await start(
      async () => undefined,
      () => new Promise((resolve) => setTimeout(resolve, quietMs)),
    );
    const answers = await reader.fetch([at(0, 0n), at(1, 7n)], 'all');
    expect(answers.map(({ records }) => records.length)).toEqual([1, 1]);
  });
});
