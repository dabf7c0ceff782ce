/** A topic as the broker keeps it. */
export interface TopicDescription {
  readonly name: string;
  /** UUID of this incarnation, 8-4-4-4-12. */
  readonly topicId: string;
  readonly partitions: number;
  /** What was set for this topic; everything else has its default. Stored in full, retention not yet enforced. */
  readonly configs: ReadonlyMap<string, string>;
  /** `__consumer_offsets` and the like. */
  readonly internal: boolean;
}

export interface AppendResult {
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  /** -1 for CreateTime topics. */
  readonly logAppendTimeMs: bigint;
  /** True when an idempotent producer sent the batch before: nothing was appended, `baseOffset` is the first one's (KIP-98). */
  readonly duplicate: boolean;
  /** Resolves once a completed fsync covers the batch (flush policy `commit`), or at once (`none`); rejects with KAFKA_STORAGE_ERROR when the log directory went offline. */
  readonly durable: Promise<void>;
}

export interface TimestampedOffset {
  readonly offset: bigint;
  readonly timestampMs: bigint;
}

export interface ReadLimits {
  readonly maxBytes: number;
  /** Whole first batch even beyond `maxBytes`. */
  readonly minOneBatch: boolean;
}

/** One partition: an append-only log in segment files. Errors are `ProtocolError`. */
export interface PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly logStartOffset: bigint;
  readonly logEndOffset: bigint;
  /** Follows what is durable under flush policy `commit`. */
  readonly highWatermark: bigint;
  readonly lastStableOffset: bigint;
  /**
   * Validates exactly one v2 batch (header, CRC-32C, idempotence), patches base offset and leader epoch in place and writes it.
   * Synchronous up to the write, so that requests append in the order they arrived.
   */
  append(batch: Buffer): AppendResult;
  /** Whole batches from the one that holds `offset`, up to the high watermark; empty at the end. OFFSET_OUT_OF_RANGE outside [start, end]. */
  read(offset: bigint, limits: ReadLimits): Buffer;
  /** Earliest record at or after the timestamp, below the high watermark (L2, L3 of the protocol notes). */
  offsetForTimestamp(timestampMs: bigint): TimestampedOffset | undefined;
  /** Record with the highest timestamp, or undefined when empty (ListOffsets -3). */
  maxTimestamp(): TimestampedOffset | undefined;
  /** Calls back, after the high watermark has moved or the partition was deleted; returns the way to stop it. */
  watch(listener: () => void): () => void;
}

/** Every log of one broker's data folder. */
export interface LogManager {
  readonly clusterId: string;
  topics(): readonly TopicDescription[];
  topic(name: string): TopicDescription | undefined;
  topicById(topicId: string): TopicDescription | undefined;
  partition(topic: string, partition: number): PartitionLog | undefined;
  /** Durable when it resolves. TOPIC_ALREADY_EXISTS and so on by `ProtocolError`. */
  createTopic(topic: {
    readonly name: string;
    readonly partitions: number;
    readonly configs?: ReadonlyMap<string, string>;
    readonly internal?: boolean;
  }): Promise<TopicDescription>;
  deleteTopic(name: string): Promise<void>;
  /** Unique for ever, across restarts (I1). */
  allocateProducerId(): Promise<bigint>;
  close(): Promise<void>;
}
