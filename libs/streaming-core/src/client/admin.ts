import {
  Admin as LibraryAdmin,
  findErrorBy,
  type ClusterTopicMetadata,
  type ListConsumerGroupOffsetsOptions,
} from '@platformatic/kafka';
import type { TopicDeclaration } from '../contract/index.ts';
import { pause, type DurationMs } from '../runtime/index.ts';
import { backoffDelay } from './backoff.ts';
import { ClientError, toClientError } from './client-error.ts';
import {
  closeQuietly,
  connectionSettings,
  guardEvents,
  libraryOptions,
  type ConnectionOptions,
  type ConnectionSettings,
} from './connection/connection.ts';
import type { PartitionOffset } from './consumer/log-reader.ts';
import { fetchTopics } from './consumer/offset-commit.ts';
import { stayAlive } from './stay-alive.ts';
import { lookUpTopics, type TopicLookup } from './connection/topic-lookup.ts';
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

export interface GroupSummary {
  readonly groupId: string;
  /** The state as the broker names it, such as `Stable`, `PreparingRebalance` or `Empty`. */
  readonly state: string;
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
  readonly #library: LibraryAdmin;
  readonly #closing = new AbortController();

  constructor(settings: AdminSettings) {
    this.#settings = settings;
    this.#library = guardEvents(new LibraryAdmin(libraryOptions(settings)), settings);
  }

  async createTopics(declarations: readonly TopicDeclaration[]): Promise<void> {
    for (const declaration of declarations) await this.#createTopic(declaration);
  }

  async deleteTopics(topics: readonly string[]): Promise<void> {
    for (const topic of topics) {
      await this.#persistently(`deleting topic ${topic}`, async () => {
        const { unknown } = await lookUpTopics(this.#library, this.#settings, [topic], true);
        if (unknown.length > 0) return;
        await this.#library.deleteTopics({ topics: [topic] });
        throw new ClientError('unreachable', `topic ${topic} still exists`);
      });
    }
  }

  async describeTopics(topics: readonly string[]): Promise<ReadonlyMap<string, TopicIdentity>> {
    const { clusterId, found } = await this.#lookUp(topics);
    return new Map(
      [...found].map(([topic, { id, partitionsCount }]) => [
        topic,
        { clusterId, topicId: id, partitions: partitionsCount },
      ]),
    );
  }

  async topicExists(topic: string): Promise<boolean> {
    return (await this.#lookUp([topic])).found.has(topic);
  }

  async describeCluster(): Promise<ClusterSummary> {
    const { clusterId, brokers } = await this.#lookUp([]);
    return { clusterId, brokers: brokers.size };
  }

  async listGroups(): Promise<readonly GroupSummary[]> {
    const groups = await this.#persistently('listing groups', () =>
      this.#library.listGroups({ types: ['classic'] }),
    );
    return [...groups.values()].map(({ id, state }) => ({ groupId: id, state }));
  }

  committedOffsets(groupId: string): Promise<readonly PartitionOffset[]> {
    return this.#offsetsOf({ groups: [groupId] }, groupId);
  }

  stableOffsets(groupId: string, partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]> {
    const topics = fetchTopics(partitions);
    return this.#offsetsOf({ groups: [{ groupId, topics }], requireStable: true }, groupId);
  }

  async ping(): Promise<boolean> {
    try {
      await lookUpTopics(this.#library, this.#settings, [], true);
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
      () => lookUpTopics(this.#library, this.#settings, [], true),
      limitMs,
    );
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await closeQuietly(this.#library, () => this.#library.close(), this.#settings);
  }

  async #offsetsOf(
    asked: ListConsumerGroupOffsetsOptions,
    groupId: string,
  ): Promise<readonly PartitionOffset[]> {
    const groups = await this.#persistently(`reading the offsets of group ${groupId}`, () =>
      this.#library.listConsumerGroupOffsets(asked),
    );
    const topics = groups.flatMap((group) => group.topics);
    const all = topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, committedOffset }) => ({
        topic: name,
        partition: partitionIndex,
        offset: committedOffset,
      })),
    );
    return all.filter(({ offset }) => offset >= 0n);
  }

  #lookUp(topics: readonly string[]): Promise<TopicLookup> {
    return this.#persistently(`describing ${topics.join(', ') || 'the cluster'}`, () =>
      lookUpTopics(this.#library, this.#settings, topics, true),
    );
  }

  #createTopic(declaration: TopicDeclaration): Promise<void> {
    return this.#persistently(`creating topic ${declaration.name}`, async () => {
      const { found } = await lookUpTopics(this.#library, this.#settings, [declaration.name], true);
      const existing = found.get(declaration.name);
      if (!existing) await this.#requestTopic(declaration);
      else if (existing.partitionsCount !== declaration.partitions)
        throw mismatch(declaration, existing.partitionsCount);
      if (existing?.partitions.every(({ leader }) => leader >= 0))
        return this.#warnOfFewCopies(declaration.name, existing);
      throw new ClientError('unreachable', `topic ${declaration.name} is not ready yet`);
    });
  }

  async #requestTopic({ name, partitions, retention, cleanup }: TopicDeclaration): Promise<void> {
    const { replicationFactor, minInSyncReplicas } = this.#settings;
    const configs = [
      { name: 'retention.ms', value: retention === 'unlimited' ? '-1' : String(retention) },
      { name: 'cleanup.policy', value: cleanup },
      ...(minInSyncReplicas > 1 ? [{ name: 'min.insync.replicas', value: String(minInSyncReplicas) }] : []),
    ];
    try {
      await this.#library.createTopics({
        topics: [{ topic: name, partitions, replicas: replicationFactor }],
        configs,
      });
    } catch (error) {
      // Another client has created the topic. The next round compares the partition counts.
      if (!findErrorBy(error as Error, 'apiId', 'TOPIC_ALREADY_EXISTS')) throw error;
    }
  }

  #warnOfFewCopies(topic: string, { partitions }: ClusterTopicMetadata): void {
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
        if (this.#closing.signal.aborted) throw new ClientError('closed', 'the admin client is closed');
        return await work();
      } catch (error) {
        const failure = toClientError(error, attempt);
        if (!passing.has(failure.code) || clock.monotonic() >= deadline) throw failure;
        await pause(clock, backoffDelay(round, this.#settings), this.#closing.signal);
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
