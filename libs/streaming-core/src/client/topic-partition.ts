export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A time to look for in a partition. */
export interface PartitionTime extends TopicPartition {
  /** Unix time in milliseconds. */
  readonly timestampMs: number;
}

/** The offset of a record that was found by its time, and the record's own timestamp. */
export interface OffsetForTime extends PartitionTime {
  readonly offset: bigint;
}

/** An offset to commit, with a text that the broker stores with it. */
export interface OffsetToCommit extends TopicPartition {
  readonly offset: bigint;
  readonly metadata?: string | null;
}

/** An offset that a group has committed to the broker. */
export type CommittedOffset = Required<OffsetToCommit>;

/** The identity of a topic's log. It prevents an offset from being applied to another log. */
export interface TopicIdentity {
  readonly clusterId: string;
  /** The id of the topic, as a UUID in the form 8-4-4-4-12. A recreated topic has another id. */
  readonly topicId: string;
  readonly partitions: number;
}
