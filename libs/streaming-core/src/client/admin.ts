import type { TopicDeclaration } from '../contract/index.ts';
import { pause, type DurationMs } from '../runtime/index.ts';
import { AdminRequests, type GroupSummary } from './admin-requests.ts';
import { backoffDelay } from './backoff.ts';
import { ClientError, isProtocolError, toClientError } from './client-error.ts';
import { BrokerClient } from './connection/broker-client.ts';
import {
  connectionSettings,
  type ConnectionOptions,
  type ConnectionSettings,
} from './connection/connection-settings.ts';
import { CoordinatorClient } from './connection/coordinator-client.ts';
import { fetchCommitted } from './consumer/committed-offsets.ts';
import type { PartitionOffset } from './consumer/log-reader.ts';
import { stayAlive } from './stay-alive.ts';
import { leaderOf, type TopicLookup, type TopicPlace } from './connection/topic-lookup.ts';
import type { TopicIdentity, TopicPartition } from './types.ts';

export interface AdminOptions extends ConnectionOptions {
  /**
   * How long an operation is retried while no broker answers or a new topic is not yet writable.
   */
  readonly operationTimeoutMs?: DurationMs;
  /**
   * The number of replicas of each partition of a new topic. The default is 1, because the embedded
   * broker has one node.
   */
  readonly replicationFactor?: number;
  /**
   * The number of replicas that must have a record before it is acknowledged. It is at most the
   * replication factor. The default is 1.
   */
  readonly minInSyncReplicas?: number;
}

/** The id of the cluster and the number of brokers that are running. */
export interface ClusterSummary {
  readonly clusterId: string;
  readonly brokers: number;
}

/**
 * Manages topics and groups. Every operation rejects with `ClientError`, and is retried within
 * `operationTimeoutMs` while no broker answers.
 */
export interface Admin {
  /**
   * Resolves once every topic exists as declared and can be written to. Idempotent. Rejects with
   * `topic_mismatch` if a topic exists with another partition count, and changes nothing, because
   * keys would move to other partitions. Retention, cleanup and replicas of an existing topic stay
   * as they are. If it has fewer replicas than wanted, a warning is logged.
   */
  createTopics(declarations: readonly TopicDeclaration[]): Promise<void>;
  /** Resolves once none of the topics exists. Idempotent. */
  deleteTopics(topics: readonly string[]): Promise<void>;
  /** Describes the topics that exist, and leaves out the others. */
  describeTopics(topics: readonly string[]): Promise<ReadonlyMap<string, TopicIdentity>>;
  /**
   * Deletes the records before these offsets. Resolves once the leaders have moved the beginnings of
   * their logs. -1 stands for the high watermark.
   */
  deleteRecords(before: readonly PartitionOffset[]): Promise<void>;
  topicExists(topic: string): Promise<boolean>;
  describeCluster(): Promise<ClusterSummary>;
  listGroups(): Promise<readonly GroupSummary[]>;
  /**
   * Returns the offsets that the group has committed to the broker, for lag tools. Partitions
   * without a commit are left out.
   */
  committedOffsets(groupId: string): Promise<readonly PartitionOffset[]>;
  /**
   * Returns the committed offsets from which a member continues. Waits until no open transaction
   * has offsets for these partitions (KIP-447).
   */
  stableOffsets(groupId: string, partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]>;
  /** Resolves to true if a broker answers now. */
  ping(): Promise<boolean>;
  /** Resolves once a broker answers. Rejects with `unreachable` after the limit. */
  waitUntilReachable(limitMs: DurationMs): Promise<void>;
  close(): Promise<void>;
}

interface AdminSettings extends ConnectionSettings {
  readonly operationTimeoutMs: DurationMs;
  readonly replicationFactor: number;
  readonly minInSyncReplicas: number;
}

export function connectAdmin(options: AdminOptions): Admin {
  return new RetryingAdmin({
    operationTimeoutMs: 15_000,
    replicationFactor: 1,
    minInSyncReplicas: 1,
    ...connectionSettings(options),
  });
}

class RetryingAdmin implements Admin {
  readonly #settings: AdminSettings;
  readonly #brokers: BrokerClient;
  readonly #requests: AdminRequests;
  readonly #coordinators: CoordinatorClient;

  constructor(settings: AdminSettings) {
    this.#settings = settings;
    this.#brokers = new BrokerClient(settings);
    this.#requests = new AdminRequests(this.#brokers, Math.min(settings.requestTimeoutMs, 15_000));
    this.#coordinators = new CoordinatorClient(this.#brokers);
  }

  async createTopics(declarations: readonly TopicDeclaration[]): Promise<void> {
    for (const declaration of declarations) await this.#createTopic(declaration);
  }

  async deleteTopics(topics: readonly string[]): Promise<void> {
    for (const topic of topics) {
      await this.#persistently(`deleting topic ${topic}`, async () => {
        const { unknown } = await this.#brokers.lookUpTopics([topic], true);
        if (unknown.length > 0) return;
        await this.#requests.deleteTopic(topic);
        throw new ClientError('unreachable', `topic ${topic} still exists`);
      });
    }
  }

  async describeTopics(topics: readonly string[]): Promise<ReadonlyMap<string, TopicIdentity>> {
    const { clusterId, found } = await this.#lookUp(topics);
    return new Map(
      [...found].map(([topic, { id, partitions }]) => [
        topic,
        { clusterId, topicId: id, partitions: partitions.length },
      ]),
    );
  }

  deleteRecords(before: readonly PartitionOffset[]): Promise<void> {
    return this.#persistently('deleting records', async () => {
      const topics = [...new Set(before.map(({ topic }) => topic))];
      const lookup = await this.#brokers.lookUpTopics(topics, true);
      const leaders = Map.groupBy(before, (at) => leaderOf(at, lookup));
      await Promise.all(
        [...leaders].map(([leader, offsets]) => this.#requests.deleteRecords(leader, offsets)),
      );
    });
  }

  async topicExists(topic: string): Promise<boolean> {
    return (await this.#lookUp([topic])).found.has(topic);
  }

  async describeCluster(): Promise<ClusterSummary> {
    const { clusterId, brokers } = await this.#lookUp([]);
    return { clusterId, brokers: brokers.size };
  }

  async listGroups(): Promise<readonly GroupSummary[]> {
    return this.#persistently('listing groups', async () => {
      const { brokers } = await this.#brokers.lookUpTopics([], true);
      const groups = await Promise.all(
        [...brokers.values()].map((broker) => this.#requests.groupsOf(broker)),
      );
      return groups.flat();
    });
  }

  committedOffsets(groupId: string): Promise<readonly PartitionOffset[]> {
    return this.#offsetsOf(groupId, {});
  }

  stableOffsets(groupId: string, partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]> {
    return this.#offsetsOf(groupId, { partitions, stable: true });
  }

  async ping(): Promise<boolean> {
    try {
      await this.#brokers.lookUpTopics([], true);
      return true;
    } catch (error) {
      this.#settings.logger.debug({ error }, 'no broker answers');
      return false;
    }
  }

  async waitUntilReachable(limitMs: DurationMs): Promise<void> {
    const { bootstrapServers } = this.#settings;
    await this.#persistently(
      `waiting for a broker at ${bootstrapServers.join(', ')}`,
      () => this.#brokers.lookUpTopics([], true),
      limitMs,
    );
  }

  async close(): Promise<void> {
    this.#brokers.close();
  }

  #offsetsOf(
    groupId: string,
    asked: Parameters<typeof fetchCommitted>[2],
  ): Promise<readonly PartitionOffset[]> {
    return this.#persistently(`reading the offsets of group ${groupId}`, () =>
      this.#coordinators.askOnce({ kind: 'GROUP', key: groupId }, async (connection) =>
        (await fetchCommitted(connection, groupId, asked)).map(({ topic, partition, offset }) => {
          return { topic, partition, offset };
        }),
      ),
    );
  }

  #lookUp(topics: readonly string[]): Promise<TopicLookup> {
    return this.#persistently(`describing ${topics.join(', ') || 'the cluster'}`, () =>
      this.#brokers.lookUpTopics(topics, true),
    );
  }

  #createTopic(declaration: TopicDeclaration): Promise<void> {
    return this.#persistently(`creating topic ${declaration.name}`, async () => {
      const { found } = await this.#brokers.lookUpTopics([declaration.name], true);
      const existing = found.get(declaration.name);
      if (!existing) await this.#createOnce(declaration);
      else if (existing.partitions.length !== declaration.partitions)
        throw mismatch(declaration, existing.partitions.length);
      if (existing?.partitions.every(({ leader }) => leader >= 0))
        return this.#warnOfFewCopies(declaration.name, existing);
      throw new ClientError('unreachable', `topic ${declaration.name} is not ready yet`);
    });
  }

  async #createOnce({ name, partitions, retention, cleanup }: TopicDeclaration): Promise<void> {
    const { replicationFactor, minInSyncReplicas } = this.#settings;
    const configs = [
      { name: 'retention.ms', value: retention === 'unlimited' ? '-1' : String(retention) },
      { name: 'cleanup.policy', value: cleanup },
      ...(minInSyncReplicas > 1 ? [{ name: 'min.insync.replicas', value: String(minInSyncReplicas) }] : []),
    ];
    try {
      await this.#requests.createTopic({ name, numPartitions: partitions, replicationFactor, configs });
    } catch (error) {
      // Another client has created the topic. The next round compares the partition counts.
      if (!isProtocolError(error, 'TOPIC_ALREADY_EXISTS')) throw error;
    }
  }

  #warnOfFewCopies(topic: string, { partitions }: TopicPlace): void {
    const { logger, replicationFactor } = this.#settings;
    const copies = Math.min(...partitions.map(({ replicas }) => replicas.length));
    if (copies < replicationFactor)
      logger.warn(
        { topic, copies, replicationFactor },
        `topic ${topic} has a partition with only ${copies} replicas instead of ${replicationFactor}: ` +
          'add replicas with kafka-reassign-partitions',
      );
  }

  #persistently<Result>(
    attempt: string,
    work: () => Promise<Result>,
    limitMs = this.#settings.operationTimeoutMs,
  ): Promise<Result> {
    return stayAlive(this.#untilItPasses(attempt, work, limitMs));
  }

  /** Retries with backoff, unless the failure is permanent. */
  async #untilItPasses<Result>(
    attempt: string,
    work: () => Promise<Result>,
    limitMs: DurationMs,
  ): Promise<Result> {
    const { clock } = this.#settings;
    const deadline = clock.monotonic() + limitMs;
    for (let round = 0; ; round += 1) {
      try {
        if (this.#brokers.closing.aborted) throw new ClientError('closed', 'the admin client is closed');
        return await work();
      } catch (error) {
        const failure = toClientError(error, attempt);
        if (!passing.has(failure.code) || clock.monotonic() >= deadline) throw failure;
        await pause(clock, backoffDelay(round, this.#settings), this.#brokers.closing);
      }
    }
  }
}

const passing: ReadonlySet<string> = new Set(['unreachable', 'timeout']);

function mismatch({ name, partitions }: TopicDeclaration, existing: number): ClientError {
  return new ClientError(
    'topic_mismatch',
    `topic ${name} has ${existing} partitions but is declared with ${partitions}. ` +
      'Keys would move to other partitions: ' +
      `declare ${existing}, or copy the messages to a new topic and delete this one`,
  );
}
