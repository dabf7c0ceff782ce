import { connectAdmin } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { until } from '@millrace/test-support/stack';

export interface PartitionView {
  readonly topic: string;
  readonly partition: number;
  /** The node id of the leader; -1 while there is none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly inSync: readonly number[];
}

/** Shows which brokers lead and follow each partition, according to the brokers at this moment. */
export class ClusterView {
  readonly #bootstrapServers: readonly string[];

  constructor(bootstrapServers: readonly string[]) {
    this.#bootstrapServers = bootstrapServers;
  }

  /** Uses a new client for each query, since a client remembers that a broker was silent. */
  async partitions(topics: readonly string[]): Promise<readonly PartitionView[]> {
    const admin = connectAdmin({
      clientId: 'view',
      bootstrapServers: this.#bootstrapServers,
      logger: silentLogger,
      connectTimeoutMs: 1_000,
      metadataTimeoutMs: 3_000,
    });
    try {
      const described = await admin.topics.describe(topics);
      return [...described.values()].flatMap(({ name, partitions }) =>
        partitions.map(({ partition, leader, replicas, inSyncReplicas }) => ({
          topic: name,
          partition,
          leader,
          replicas,
          inSync: inSyncReplicas,
        })),
      );
    } finally {
      await admin.close();
    }
  }

  async leader(topic: string, partition: number): Promise<number> {
    return (await this.partitions([topic]))[partition]?.leader ?? -1;
  }

  /** Waits until the brokers report the state, and repeats a query that fails. */
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

  /** Waits until every replica of every partition is in sync. */
  whole(topics: readonly string[]): Promise<void> {
    return this.until('every replica to be in sync', topics, (partitions) =>
      partitions.every(({ leader, replicas, inSync }) => leader >= 0 && inSync.length === replicas.length),
    );
  }
}
