import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startBroker } from '@millrace/streaming-core/broker';
import {
  apiVersions,
  createTopics,
  findCoordinator,
  initProducerId,
  offsetCommit,
  WireClient,
} from '@millrace/streaming-core/protocol';
import { startKafka } from '@millrace/testing/kafka';
import type { Address, Serves } from './player.ts';

export interface Engines {
  readonly ours: Address;
  readonly kafka: Address;
  readonly serves: Serves;
  stop(): Promise<void>;
}

/** Starts both engines with the same settings, each alone on this machine and empty. */
export async function startEngines(): Promise<Engines> {
  const [ours, kafka] = await Promise.all([startOurs(), startApache()]);
  const stop = async () => void (await Promise.all([ours.stop(), kafka.stop()]));
  try {
    await Promise.all([firstCommit(ours.address), firstCommit(kafka.address)]);
    const byUs = await servedBy(ours.address);
    const byKafka = await servedBy(kafka.address);
    const serves: Serves = (key, version) => byUs(key, version) && byKafka(key, version);
    return { ours: ours.address, kafka: kafka.address, serves, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** High, since every session creates topics and leaves some of them behind. */
const partitionsOfRunMax = 10_000;

async function startOurs() {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-differential-'));
  const broker = await startBroker({
    dataFolder: folder,
    port: 0,
    flush: 'none',
    autoCreateTopics: false,
    groups: { offsetsTopicPartitions: 5 },
    limits: { partitionsMax: partitionsOfRunMax },
  });
  const stop = async () => {
    await broker.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { address: { host: broker.host, port: broker.port }, stop };
}

export async function startApache() {
  const kafka = await startKafka({ heapMegabytesMax: 768 });
  const [host = '', port = ''] = kafka.bootstrapServers[0]!.split(':');
  await coordinatorsOf({ host, port: Number(port) });
  return { address: { host, port: Number(port) }, stop: () => kafka.stop() };
}

/** The versions that an engine announces by ApiVersions. */
export async function servedBy(address: Address): Promise<Serves> {
  const client = await WireClient.connect(address);
  try {
    const { apiKeys } = await client.send(apiVersions, 0, {});
    return (key, version) =>
      apiKeys.some((api) => api.apiKey === key && version >= api.minVersion && version <= api.maxVersion);
  } finally {
    client.close();
  }
}

/**
 * Commits an offset. Afterwards both engines have their offsets topic, and no session gets producer
 * id 0, which means "nobody" in answers.
 */
async function firstCommit(address: Address): Promise<void> {
  const client = await WireClient.connect(address);
  const groupId = 'warm-up';
  const name = 'warm-up';
  try {
    for (
      let attempt = 0;
      (await client.send(initProducerId, 1, { transactionalId: null, transactionTimeoutMs: 0 })).errorCode !==
      0;
      attempt += 1
    ) {
      if (attempt > attemptsMax) throw new Error(`no producer id is assigned on port ${address.port}`);
      await pause(50);
    }
    await client.send(createTopics, 7, { topics: [{ name, numPartitions: 1, replicationFactor: 1 }] });
    const offset = { partitionIndex: 0, committedOffset: 0n, committedMetadata: '' };
    for (let attempt = 0; ; attempt += 1) {
      const { topics } = await client.send(offsetCommit, 7, {
        groupId,
        topics: [{ name, partitions: [offset] }],
      });
      if (topics[0]?.partitions[0]?.errorCode === 0) return;
      if (attempt > attemptsMax) throw new Error(`no offset can be committed on port ${address.port}`);
      await pause(50);
    }
  } finally {
    client.close();
  }
}

const attemptsMax = 300;

/**
 * Waits for the topics of groups and transactions, which Apache Kafka creates when they are first
 * needed.
 */
async function coordinatorsOf(address: Address): Promise<void> {
  const client = await WireClient.connect(address);
  try {
    for (const keyType of [0, 1])
      for (
        let attempt = 0;
        (await client.send(findCoordinator, 2, { key: 'warm-up', keyType })).errorCode !== 0;
        attempt += 1
      ) {
        if (attempt > attemptsMax) throw new Error(`Apache Kafka has no coordinator of type ${keyType}`);
        await pause(50);
      }
  } finally {
    client.close();
  }
}
