import {
  connectGroupConsumer,
  connectProducer,
  type GroupConsumer,
  type GroupConsumerOptions,
  type Producer,
  type ProducerOptions,
} from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { kafkaTool, startKafkaCluster, type KafkaCluster } from '@millrace/testing/kafka';
import { until } from '@millrace/test-support/stack';

/** A partition as `kafka-topics --describe` prints it. */
export interface DescribedPartition {
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly inSync: readonly number[];
}

const limitMs = 90_000;
const numbers = (list: string): readonly number[] => (list === '' ? [] : list.split(',').map(Number));

/** Three Apache Kafka brokers for one spec, inspected with Kafka's own command-line programs. */
export class ThreeBrokers {
  readonly cluster: KafkaCluster;
  readonly #closes: (() => Promise<void>)[] = [];

  private constructor(cluster: KafkaCluster) {
    this.cluster = cluster;
  }

  static async start(): Promise<ThreeBrokers> {
    return new ThreeBrokers(await startKafkaCluster());
  }

  get #connection() {
    return { bootstrapServers: this.cluster.bootstrapServers, logger: silentLogger };
  }

  /**
   * Creates a topic. `placement` lists the brokers of each partition, the leader first, such as
   * `1:2:3,2:3:1`.
   */
  async createTopic(name: string, placement: string, ...settings: readonly string[]): Promise<void> {
    const configs = settings.flatMap((setting) => ['--config', setting]);
    await this.#topics('--create', '--topic', name, '--replica-assignment', placement, ...configs);
  }

  async describe(topic: string): Promise<readonly DescribedPartition[]> {
    const output = await this.#topics('--describe', '--topic', topic);
    const rows = output.matchAll(/Partition: \d+\s+Leader: (\S+)\s+Replicas: (\S*)\s+Isr: (\S*)/g);
    return [...rows].map(([, leader = '', replicas = '', isr = '']) => ({
      leader: leader === 'none' ? -1 : Number(leader),
      replicas: numbers(replicas),
      inSync: [...numbers(isr)].sort(),
    }));
  }

  /** Waits until the program shows partition 0 in the expected state. */
  async partition0Becomes(
    topic: string,
    wanted: (partition: DescribedPartition) => boolean,
  ): Promise<DescribedPartition> {
    let seen: DescribedPartition | undefined;
    await until(
      () => `partition 0 of ${topic} to change; last seen: ${JSON.stringify(seen)}`,
      limitMs,
      async () => {
        [seen] = await this.describe(topic);
        return seen !== undefined && wanted(seen);
      },
    );
    return seen as DescribedPartition;
  }

  producer(clientId: string, options: Partial<ProducerOptions> = {}): Producer {
    const producer = connectProducer({ ...this.#connection, clientId, ...options });
    this.#closes.push(() => producer.close());
    return producer;
  }

  consumer(options: Pick<GroupConsumerOptions, 'clientId' | 'groupId' | 'topics'>): GroupConsumer {
    const consumer = connectGroupConsumer({
      ...this.#connection,
      fetchMaxWaitMs: 100,
      sessionTimeoutMs: 30_000,
      ...options,
    });
    this.#closes.push(() => consumer.close());
    return consumer;
  }

  async close(): Promise<void> {
    await Promise.all(this.#closes.map((close) => close()));
    await this.cluster.stop();
  }

  #topics(...args: readonly string[]): Promise<string> {
    return kafkaTool('TopicCommand', [
      '--bootstrap-server',
      this.cluster.bootstrapServers.join(','),
      ...args,
    ]);
  }
}
