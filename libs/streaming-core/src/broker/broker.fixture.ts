import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeBatch, type BatchOptions } from '../records/record-batch-encoder.ts';
import { until } from '@millrace/testing/within';
import { createTopics } from '../protocol/apis/topic-admin.ts';
import { metadata } from '../protocol/apis/metadata.ts';
import { fetch } from '../protocol/apis/fetch.ts';
import { produce } from '../protocol/apis/produce.ts';
import type { BrokerOptions } from './broker-settings.ts';
import { startBroker, type Broker } from './start-broker.ts';
import { WireClient } from '../protocol/testing/wire-client.ts';

/** A fetch that waits for a record for up to a minute. */
export const parkedFetch = (
  client: WireClient,
  topic: string,
  forgottenTopicsData: { topic: string; partitions: number[] }[] = [],
) =>
  client.send(fetch, 12, {
    maxWaitMs: 60_000,
    minBytes: 1,
    forgottenTopicsData,
    topics: [{ topic, partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000 }] }],
  });

/**
 * A broker on a free port with its own folder, and the clients that the test opened. `stop` closes
 * and deletes all of it.
 */
export interface BrokerFixture {
  readonly broker: Broker;
  readonly dataFolder: string;
  client(): Promise<WireClient>;
  stop(): Promise<void>;
}

export async function brokerFixture(options: Partial<BrokerOptions> = {}): Promise<BrokerFixture> {
  const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), 'millrace-broker-')));
  const broker = await startBroker({ port: 0, flush: 'none', ...options, dataFolder });
  const clients: WireClient[] = [];
  return {
    broker,
    dataFolder,
    async client() {
      const client = await WireClient.connect(broker);
      clients.push(client);
      return client;
    },
    async stop() {
      for (const client of clients) client.close();
      await broker.close();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

/** Makes a topic and waits until the broker knows its leaders: Apache Kafka answers CreateTopics before that. */
export async function makeTopic(
  client: WireClient,
  name: string,
  configs: Readonly<Record<string, string>> = {},
  numPartitions = 1,
) {
  const { topics } = await client.send(createTopics, 7, {
    topics: [
      {
        name,
        numPartitions,
        replicationFactor: 1,
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      },
    ],
  });
  const [topic] = topics;
  if (topic?.errorCode !== 0)
    throw new Error(`${name} was not created: ${topic?.errorMessage ?? 'no response'}`);
  await until(
    async () => (await client.send(metadata, 1, { topics: [{ name }] })).topics[0],
    (known) => known?.errorCode === 0 && known.partitions.every(({ errorCode }) => errorCode === 0),
  );
  return topic;
}

export const batchOf = (values: readonly string[], options: Partial<BatchOptions> = {}): Buffer =>
  encodeBatch(
    values.map((value) => ({ key: Buffer.from('k'), value: Buffer.from(value) })),
    { timestampMs: BigInt(Date.now()), ...options },
  );

interface ProduceTarget {
  readonly topic: string;
  readonly partition?: number;
  readonly acks?: number;
  readonly version?: number;
}

/** Produces one batch and returns the partition's response. */
export async function produceBatch(
  client: WireClient,
  { topic, partition = 0, acks = -1, version = 11 }: ProduceTarget,
  records: Buffer | null,
) {
  const { responses } = await client.send(produce, version, {
    acks,
    timeoutMs: 5_000,
    topicData: [{ name: topic, partitionData: [{ index: partition, records }] }],
  });
  return responses[0]!.partitionResponses[0]!;
}

interface FetchTarget {
  readonly offset?: bigint;
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly partitionMaxBytes?: number;
  readonly partition?: number;
  readonly leaderEpoch?: number;
}

/** Fetches one partition and returns its response. */
export async function fetchOne(from: WireClient, topic: string, wanted: FetchTarget = {}, version = 12) {
  const { responses } = await from.send(fetch, version, {
    maxWaitMs: wanted.maxWaitMs ?? 0,
    minBytes: wanted.minBytes ?? 1,
    maxBytes: wanted.maxBytes ?? 1_000_000,
    topics: [
      {
        ...(version >= 13 ? { topicId: topic } : { topic }),
        partitions: [
          {
            partition: wanted.partition ?? 0,
            fetchOffset: wanted.offset ?? 0n,
            currentLeaderEpoch: wanted.leaderEpoch ?? -1,
            partitionMaxBytes: wanted.partitionMaxBytes ?? 1_000_000,
          },
        ],
      },
    ],
  });
  return responses[0]!.partitions[0]!;
}
