import type { TopicDescription } from './topics/topic-catalog.ts';
import type { PartitionLog } from './partition-log-port.ts';
import type { ReconfigurableLogSettings } from './log-settings.ts';

/** Every log of one broker's data folder. */
export interface LogManager {
  readonly clusterId: string;
  /** Absolute path. */
  readonly dataFolder: string;
  /** Why the directory is offline: an fsync or a write failed (KAFKA_STORAGE_ERROR). */
  readonly offlineCause: Error | undefined;
  topics(): readonly TopicDescription[];
  topic(name: string): TopicDescription | undefined;
  topicById(topicId: string): TopicDescription | undefined;
  /**
   * The topic with this name, or with one that differs from it only in `.` and `_`. There is at
   * most one.
   */
  topicLike(name: string): TopicDescription | undefined;
  partition(topic: string, partition: number): PartitionLog | undefined;
  /** Throws INVALID_PARTITIONS if this many new partitions exceed the broker's limit. */
  checkPartitionsAdded(topic: string, added: number): void;
  /**
   * The topic is durable when the promise resolves. Rejects with a `ProtocolError`, such as
   * TOPIC_ALREADY_EXISTS.
   */
  createTopic(topic: {
    readonly name: string;
    readonly partitions: number;
    readonly configs?: ReadonlyMap<string, string>;
    readonly internal?: boolean;
  }): Promise<TopicDescription>;
  deleteTopic(name: string): Promise<void>;
  /**
   * Replaces all configs of the topic, which its partitions use from then on. They are durable when
   * the promise resolves. Rejects with INVALID_CONFIG or UNKNOWN_TOPIC_OR_PARTITION.
   */
  alterTopicConfigs(name: string, configs: ReadonlyMap<string, string>): Promise<TopicDescription>;
  /**
   * Replaces a small file of the data folder that belongs to no log. It is durable when the promise
   * resolves. Rejects with KAFKA_STORAGE_ERROR.
   */
  replaceFile(name: string, content: string): Promise<void>;
  /**
   * Changes settings of the cleaner, and the defaults of topics that do not set a config. The
   * change is not stored.
   */
  reconfigure(changed: ReconfigurableLogSettings): void;
  /**
   * Raises the number of partitions to `partitions`. The change is durable when the promise
   * resolves. Rejects with INVALID_PARTITIONS unless the topic has fewer partitions.
   */
  addPartitions(name: string, partitions: number): Promise<TopicDescription>;
  /** Returns an id that was never returned before, even before a restart. */
  allocateProducerId(): Promise<bigint>;
  close(): Promise<void>;
}
