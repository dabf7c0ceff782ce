import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installJars, kafkaVersion, type KafkaSettings } from '@millrace/embedded-kafka';
import { startKafka, type Kafka } from '@millrace/testing/kafka';

const jars = {
  name: `Apache Kafka's local tiered storage ${kafkaVersion()}`,
  folder: `kafka-local-tiered-storage-${kafkaVersion()}`,
  pomFile: join(import.meta.dirname, 'pom.xml'),
  megabytes: 1,
};

/** `LocalTieredStorage` keeps the remote tier in a folder of this machine. */
const tieredStorage = (jarFolder: string, remoteFolder: string): KafkaSettings => ({
  'remote.log.storage.system.enable': 'true',
  'remote.log.storage.manager.class.name': 'org.apache.kafka.server.log.remote.storage.LocalTieredStorage',
  'remote.log.storage.manager.class.path': join(jarFolder, '*'),
  'rsm.config.dir': remoteFolder,
  'remote.log.metadata.manager.listener.name': 'PLAINTEXT',
  'rlmm.config.remote.log.metadata.topic.replication.factor': 1,
  'rlmm.config.remote.log.metadata.topic.num.partitions': 1,
  'remote.log.manager.task.interval.ms': 500,
});

/** One node of Apache Kafka with a local tier and a remote one, each a folder. */
export class TieredKafka {
  readonly bootstrapServers: readonly string[];
  readonly #kafka: Kafka;
  readonly #folder: string;

  private constructor(kafka: Kafka, folder: string) {
    this.bootstrapServers = kafka.bootstrapServers;
    this.#kafka = kafka;
    this.#folder = folder;
  }

  static async start(): Promise<TieredKafka> {
    const jarFolder = await installJars(jars);
    const folder = await mkdtemp(join(tmpdir(), 'millrace-tiered-'));
    const kafka = await startKafka({
      folder: join(folder, 'node'),
      settings: tieredStorage(jarFolder, join(folder, 'remote')),
    }).catch(async (error: unknown) => {
      await rm(folder, { recursive: true, force: true });
      throw error;
    });
    return new TieredKafka(kafka, folder);
  }

  /** The first offsets of the segments of partition 0 that the broker's own disk has, in order. */
  localSegments(topic: string): Promise<readonly number[]> {
    return firstOffsetsIn(join(this.#folder, 'node', 'data', `${topic}-0`));
  }

  /** The first offsets of the segments that were copied to the remote tier, in order. */
  async remoteSegments(topic: string): Promise<readonly number[]> {
    const remote = join(this.#folder, 'remote');
    const folders = await readdir(remote, { recursive: true }).catch(() => []);
    const ofPartition = folders.find((name) => new RegExp(`(^|/)${topic}-0-[^/]+$`).test(name));
    return ofPartition === undefined ? [] : firstOffsetsIn(join(remote, ofPartition));
  }

  /** Restarts the broker with the data of both tiers. */
  async restart(): Promise<void> {
    await this.#kafka.control.kill();
    await this.#kafka.control.start();
  }

  async close(): Promise<void> {
    await this.#kafka.control.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function firstOffsetsIn(folder: string): Promise<readonly number[]> {
  const files = await readdir(folder);
  return files
    .flatMap((file) => /^(\d{20}).*\.log$/.exec(file)?.[1] ?? [])
    .map(Number)
    .sort((one, other) => one - other);
}
