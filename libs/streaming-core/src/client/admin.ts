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
import { stayAlive } from './stay-alive.ts';
import { lookUpTopics, type TopicLookup } from './connection/topic-lookup.ts';
import type { TopicIdentity, TopicPartition } from './types.ts';

export interface AdminOptions extends ConnectionOptions {
  /** How long an operation is tried again while no broker answers, or a new topic is not ready for writing. */
  readonly operationTimeoutMs?: DurationMs;
  /** Copies of each partition of a topic that it creates, 1 by default: the embedded broker has one node. */
  readonly replicationFactor?: number;
  /** So many copies have to have a record before it is acknowledged; 1 by default. At most the replication factor. */
  readonly minInSyncReplicas?: number;
}

/** What is known of the brokers that answer now. */
export interface ClusterSummary {
  readonly clusterId: string;
  readonly brokers: number;
}

export interface GroupSummary {
  readonly groupId: string;
  /** The broker's word: `Stable`, `PreparingRebalance`, `Empty`... */
  readonly state: string;
}

/** Topics and groups. Every operation rejects with `ClientError`, and tries again within `operationTimeoutMs` while no broker answers. */
export interface Admin {
  /**
   * Idempotent: resolves once every topic exists as declared and can be written. A topic that exists with another partition count is refused with
   * `topic_mismatch`: its keys would move, so nothing is changed. Retention, cleanup and copies of an existing topic are left as they are; fewer
   * copies than wanted are warned of.
   */
  createTopics(declarations: readonly TopicDeclaration[]): Promise<void>;
  /** Idempotent: resolves once none of them exists. */
  deleteTopics(topics: readonly string[]): Promise<void>;
  /** The ones that exist. */
  describeTopics(topics: readonly string[]): Promise<ReadonlyMap<string, TopicIdentity>>;
  topicExists(topic: string): Promise<boolean>;
  describeCluster(): Promise<ClusterSummary>;
  listGroups(): Promise<readonly GroupSummary[]>;
  /** What the group committed to the broker: for lag tools. Partitions without a commit are left out. */
  committedOffsets(groupId: string): Promise<readonly PartitionOffset[]>;
  /** Where a member goes on: the same, for these partitions, once no transaction is under way that carries offsets of theirs (KIP-447). */
  stableOffsets(groupId: string, partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]>;
  /** Whether a broker answers now. */
  ping(): Promise<boolean>;
  /** Resolves once a broker answers; rejects with `unreachable` at the limit. */
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
        throw new ClientError('unreachable', `topic ${topic} is not gone yet`);
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
    const topics = new Map<string, number[]>();
    for (const { topic, partition } of partitions)
      topics.set(topic, [...(topics.get(topic) ?? []), partition]);
    const named = [...topics].map(([name, partitionIndexes]) => ({ name, partitionIndexes }));
    return this.#offsetsOf({ groups: [{ groupId, topics: named }], requireStable: true }, groupId);
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
      // Somebody else creates it at the same time: the next look compares.
      if (!findErrorBy(error as Error, 'apiId', 'TOPIC_ALREADY_EXISTS')) throw error;
    }
  }

  #warnOfFewCopies(topic: string, { partitions }: ClusterTopicMetadata): void {
    const { logger, replicationFactor } = this.#settings;
    const copies = Math.min(...partitions.map(({ replicas }) => replicas.length));
    if (copies < replicationFactor)
      logger.warn(
        { topic, copies, replicationFactor },
        `topic ${topic} exists with ${copies} copies of each partition and is wanted with ${replicationFactor}: kafka-reassign-partitions changes that`,
      );
  }

  #persistently<Result>(
    attempt: string,
    work: () => Promise<Result>,
    limitMs = this.#settings.operationTimeoutMs,
  ): Promise<Result> {
    return stayAlive(this.#untilItPasses(attempt, work, limitMs));
  }

  /** Again with backoff while the reason passes by itself. */
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
    `topic ${name} has ${existing} partitions and is declared with ${partitions}. Keys would change their partition: ` +
      `declare ${existing}, or copy the messages into a new topic and delete this one`,
  );
}
