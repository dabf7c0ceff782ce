import type { TopicShape } from '../../contract/index.ts';
import type { DurationMs } from '../../runtime/index.ts';
import type { ClusterBroker, TopicLookup } from '../connection/topic-lookup.ts';
import type { PartitionOffset } from '../consumer/offset-lookup.ts';
import type { TopicIdentity, TopicPartition } from '../topic-partition.ts';
import { AdminCalls, adminSettings, type AdminOptions, type AdminSettings } from './admin-calls.ts';
import { ConfigCalls, type ConfigAdmin } from './config-admin.ts';
import { createDeclared } from './topic-creation.ts';
import { GroupCalls, type GroupAdmin, type GroupSummary } from './group-admin.ts';
import type { GroupOffsetsQuery } from './group-offset-admin.ts';
import { ItemsFailed } from './items-of-call.ts';
import { LogDirCalls, type LogDirAdmin } from './log-dir-admin.ts';
import { RecordCalls, type RecordAdmin } from './record-admin.ts';
import { TopicCalls, type TopicAdmin } from './topic-admin.ts';

/** The id of the cluster and the brokers that are running. */
export interface ClusterSummary {
  readonly clusterId: string;
  readonly brokers: readonly ClusterBroker[];
}

/**
 * Manages a cluster. The methods of the admin client itself are those that a service needs for its
 * own topics and groups. What an operator does is grouped by subject, as Kafka's tools are.
 *
 * Every operation is retried within `operationTimeoutMs` while no broker answers or a leader or
 * coordinator moves, and rejects with `ClientError`. An operation about several items carries out
 * as many of them as it can. If some failed, it rejects with `ItemsFailed`, which has the results
 * of all of them.
 */
export interface Admin extends AsyncDisposable {
  readonly topics: TopicAdmin;
  readonly configs: ConfigAdmin;
  readonly groups: GroupAdmin;
  readonly records: RecordAdmin;
  readonly logDirs: LogDirAdmin;

  /**
   * Resolves once every topic exists as declared and can be written to. Idempotent. Rejects with
   * `topic_mismatch` if a topic exists with another partition count, and changes nothing, because
   * keys would move to other partitions. Retention, cleanup and replicas of an existing topic stay
   * as they are. If it has fewer replicas than wanted, a warning is logged.
   */
  createTopics(declarations: readonly TopicShape[]): Promise<void>;
  /** Resolves once none of the topics exists. Idempotent. */
  deleteTopics(topics: readonly string[]): Promise<void>;
  /** Describes the topics that exist, and leaves out the others. */
  describeTopics(topics: readonly string[]): Promise<ReadonlyMap<string, TopicIdentity>>;
  describeCluster(): Promise<ClusterSummary>;
  /** Lists the classic groups, which are the groups that this client joins. */
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

/**
 * Creates an admin client that connects at its first call. Throws `settings_refused` for options
 * that cannot work. Its operations reject with `ClientError`, for instance `unreachable` if no
 * broker answers within `operationTimeoutMs`.
 *
 * @example
 * ```ts
 * import { connectAdmin } from '@millrace/streaming-core/client';
 * import { days } from '@millrace/streaming-core/runtime';
 *
 * await using admin = connectAdmin({ bootstrapServers: ['127.0.0.1:9092'], clientId: 'desk' });
 * await admin.createTopics([
 *   { name: 'bells', partitions: 3, retention: days(7), cleanup: 'delete' },
 * ]);
 * ```
 */
export function connectAdmin(options: AdminOptions): Admin {
  return new AdminClient(adminSettings(options));
}

class AdminClient implements Admin {
  readonly topics: TopicAdmin;
  readonly configs: ConfigAdmin;
  readonly groups: GroupAdmin;
  readonly records: RecordAdmin;
  readonly logDirs: LogDirAdmin;
  readonly #calls: AdminCalls;

  constructor(settings: AdminSettings) {
    const calls = new AdminCalls(settings);
    this.#calls = calls;
    this.topics = new TopicCalls(calls);
    this.configs = new ConfigCalls(calls);
    this.groups = new GroupCalls(calls, this.topics);
    this.records = new RecordCalls(calls);
    this.logDirs = new LogDirCalls(calls);
  }

  async createTopics(declarations: readonly TopicShape[]): Promise<void> {
    for (const declaration of declarations) await createDeclared(this.#calls, declaration);
  }

  async deleteTopics(topics: readonly string[]): Promise<void> {
    try {
      await this.topics.delete([...new Set(topics)]);
    } catch (error) {
      if (!(error instanceof ItemsFailed)) throw error;
      const failed = new Map([...error.failed].filter(([, { code }]) => code !== 'unknown_topic'));
      if (failed.size > 0) throw new ItemsFailed(failed, error.succeeded);
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

  async describeCluster(): Promise<ClusterSummary> {
    const { clusterId, brokers } = await this.#lookUp([]);
    return { clusterId, brokers: [...brokers.values()] };
  }

  listGroups(): Promise<readonly GroupSummary[]> {
    return this.groups.list(['classic']);
  }

  committedOffsets(groupId: string): Promise<readonly PartitionOffset[]> {
    return this.#offsetsOf(groupId, {});
  }

  stableOffsets(groupId: string, partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]> {
    return this.#offsetsOf(groupId, { partitions, stable: true });
  }

  async ping(): Promise<boolean> {
    const { brokers, settings } = this.#calls;
    try {
      await brokers.lookUpTopics([], true);
      return true;
    } catch (error) {
      settings.logger.debug({ error }, 'no broker answers');
      return false;
    }
  }

  async waitUntilReachable(limitMs: DurationMs): Promise<void> {
    const { brokers, settings } = this.#calls;
    await this.#calls.persistently(
      `waiting for a broker at ${settings.bootstrapServers.join(', ')}`,
      () => brokers.lookUpTopics([], true),
      limitMs,
    );
  }

  async close(): Promise<void> {
    this.#calls.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #offsetsOf(groupId: string, query: GroupOffsetsQuery): Promise<readonly PartitionOffset[]> {
    const committed = await this.groups.offsets(groupId, query);
    return committed.map(({ topic, partition, offset }) => ({ topic, partition, offset }));
  }

  #lookUp(topics: readonly string[]): Promise<TopicLookup> {
    return this.#calls.persistently(`describing ${topics.join(', ') || 'the cluster'}`, () =>
      this.#calls.brokers.lookUpTopics(topics, true),
    );
  }
}
