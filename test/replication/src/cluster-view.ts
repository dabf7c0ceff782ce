import { Admin } from '@platformatic/kafka';
import { until } from '@millrace/test-support/stack';

export interface PartitionView {
  readonly topic: string;
  readonly partition: number;
  /** Node id; -1 while nobody leads. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly inSync: readonly number[];
}

/** Who leads and who follows, as the brokers say now. */
export class ClusterView {
  readonly #bootstrapServers: readonly string[];

  constructor(bootstrapServers: readonly string[]) {
    this.#bootstrapServers = bootstrapServers;
  }

  /** A client for each look: one that has met a dead broker keeps it in mind. */
  async partitions(topics: readonly string[]): Promise<readonly PartitionView[]> {
    const admin = new Admin({
      clientId: 'view',
      bootstrapBrokers: [...this.#bootstrapServers],
      retries: 0,
      timeout: 3_000,
      connectTimeout: 1_000,
    });
    admin.on('error', () => undefined);
    try {
      const metadata = await admin.metadata({ topics: [...topics] });
      return topics.flatMap((topic) =>
        (metadata.topics.get(topic)?.partitions ?? []).map(({ leader, replicas, isr }, partition) => ({
          topic,
          partition,
          leader,
          replicas,
          inSync: isr,
        })),
      );
    } finally {
      await admin.close().catch(() => undefined);
    }
  }

  async leader(topic: string, partition: number): Promise<number> {
    return (await this.partitions([topic]))[partition]?.leader ?? -1;
  }

  /** Waits until the brokers say so; a look that fails is repeated. */
  async until(
    what: string,
    topics: readonly string[],
    wanted: (partitions: readonly PartitionView[]) => boolean,
    limitMs = 90_000,
  ): Promise<void> {
    let seen = 'nothing';
    await until(
      () => `${what}; last seen: ${seen}`,
      limitMs,
      async () => {
        try {
          const partitions = await this.partitions(topics);
          seen = JSON.stringify(
            partitions.filter(({ replicas, inSync }) => inSync.length < replicas.length).slice(0, 6),
          );
          return partitions.length > 0 && wanted(partitions);
        } catch (error) {
          seen = String(error);
          return false;
        }
      },
    );
  }

  /** Every copy of every partition is up to date. */
  whole(topics: readonly string[]): Promise<void> {
    return this.until('every replica to be in sync', topics, (partitions) =>
      partitions.every(({ leader, replicas, inSync }) => leader >= 0 && inSync.length === replicas.length),
    );
  }
}
