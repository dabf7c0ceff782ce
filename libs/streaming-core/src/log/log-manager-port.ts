import type { TopicDescription } from './topic-description.ts';
import type { PartitionLog } from './partition-log-port.ts';
import type { ReconfigurableLogSettings } from './log-settings.ts';

/** Every log of one broker's data folder. */
export interface LogManager {
  readonly clusterId: string;
  /** Where the logs are, as an absolute path. */
  readonly dataFolder: string;
  /** Why the directory takes no writes any more: an fsync or a write failed (KAFKA_STORAGE_ERROR). */
  readonly offlineCause: Error | undefined;
  topics(): readonly TopicDescription[];
  topic(name: string): TopicDescription | undefined;
  topicById(topicId: string): TopicDescription | undefined;
  /** Of this name, or of one that differs from it only in `.` and `_`: there is one at most (T1). */
  topicLike(name: string): TopicDescription | undefined;
  partition(topic: string, partition: number): PartitionLog | undefined;
  /** Throws INVALID_PARTITIONS when `createTopic` or `addPartitions` would refuse so many partitions more for want of room. */
  checkPartitionsAdded(topic: string, added: number): void;
  /** Durable when it resolves. TOPIC_ALREADY_EXISTS and so on by `ProtocolError`. */
  createTopic(topic: {
    readonly name: string;
    readonly partitions: number;
    readonly configs?: ReadonlyMap<string, string>;
    readonly internal?: boolean;
  }): Promise<TopicDescription>;
  deleteTopic(name: string): Promise<void>;
  /**
   * Replaces everything that was set for the topic; its partitions act on it from then on. Durable when it resolves. INVALID_CONFIG,
   * UNKNOWN_TOPIC_OR_PARTITION.
   */
  alterTopicConfigs(name: string, configs: ReadonlyMap<string, string>): Promise<TopicDescription>;
  /** A small file of the data folder that belongs to no log, whole. Durable when it resolves; KAFKA_STORAGE_ERROR. */
  replaceFile(name: string, content: string): Promise<void>;
  /** Topics that set nothing of their own, and the cleaner, act on it from then on; it is not stored. */
  reconfigure(changed: ReconfigurableLogSettings): void;
  /** Durable when it resolves. INVALID_PARTITIONS unless `partitions`, the new count of all, is more than there are. */
  addPartitions(name: string, partitions: number): Promise<TopicDescription>;
  /** Unique for ever, across restarts (I1). */
  allocateProducerId(): Promise<bigint>;
  close(): Promise<void>;
}
