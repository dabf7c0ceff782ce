import type { ExpectedTransaction } from './producers/expected-transactions.ts';
import type { ProtocolError } from '../protocol/errors.ts';
import type { AbortedTransaction } from './transactions/aborted-transactions.ts';
import type { ReconfigurableLogSettings } from './log-manager-options.ts';
import type { ProducerState } from './producers/producer-states.ts';
import type { TransactionMarker } from '../records/transaction-marker.ts';

/** A topic as the broker keeps it. */
export interface TopicDescription {
  readonly name: string;
  /** UUID of this incarnation, 8-4-4-4-12. */
  readonly topicId: string;
  readonly partitions: number;
  /** What was set for this topic; everything else has its default. */
  readonly configs: ReadonlyMap<string, string>;
  /** `__consumer_offsets` and the like. */
  readonly internal: boolean;
}

export interface AppendResult {
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  /** -1 for CreateTime topics; of a duplicate the time of the batch found, as from Kafka. */
  readonly logAppendTimeMs: bigint;
  /** True when an idempotent producer sent the batch before: nothing was appended, `baseOffset` is the first one's (KIP-98). */
  readonly duplicate: boolean;
  /** Resolves once a completed fsync covers the batch (flush policy `commit`), or at once (`durableAtOnce`); rejects with KAFKA_STORAGE_ERROR when the log directory went offline. */
  readonly durable: Promise<void>;
}

export interface TimestampedOffset {
  readonly offset: bigint;
  readonly timestampMs: bigint;
  /** Of the batch that holds the record. */
  readonly leaderEpoch: number;
}

export interface EpochEnd {
  /** The largest epoch not above the one asked for; -1 when there is none. */
  readonly leaderEpoch: number;
  /** Where the next epoch begins, or the end of the log; -1 when the epoch is unknown. */
  readonly endOffset: bigint;
}

export interface ReadLimits {
  readonly maxBytes: number;
  /** Whole first batch even beyond `maxBytes`. */
  readonly minOneBatch: boolean;
  /** Where to read to. Default: new memory. */
  readonly allocate?: (bytes: number) => Buffer;
  /** Only what is decided: up to the last stable offset. */
  readonly committed?: boolean;
}

/** About a batch, beside its bytes. */
export interface AppendOptions {
  /** `coordinator`: the broker's own batch in a client's transaction, without sequences. Default `client`. */
  readonly origin?: 'client' | 'coordinator';
  /** The transaction coordinator has the partition in the producer's ongoing transaction; without it only one that is open here goes on (X8). */
  readonly inTransaction?: boolean;
}

/** One partition: an append-only log in segment files. Errors are `ProtocolError`. */
export interface PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly leaderEpoch: number;
  /** Only rises. What is below was deleted, though the batch that holds it may still be given whole. */
  readonly logStartOffset: bigint;
  readonly logEndOffset: bigint;
  /** Of the log files, without indexes. */
  readonly sizeBytes: number;
  /** Follows what is durable under flush policy `commit`. */
  readonly highWatermark: bigint;
  /** Every transaction below is decided: the first offset of the oldest one that is open, else the high watermark. */
  readonly lastStableOffset: bigint;
  /** Why nothing can be read or written: the partition is damaged, closed or deleted, or its directory went offline. Its offsets mean nothing then. */
  readonly unavailable: ProtocolError | undefined;
  /**
   * Validates exactly one v2 batch (header, CRC-32C, idempotence, its place in a transaction), patches base offset and leader epoch in place and writes it.
   * Synchronous up to the write, so that requests append in the order they arrived.
   */
  append(batch: Buffer, options?: AppendOptions): AppendResult;
  /** Ends the producer's transaction here. Harmless when there is none, so that it can be done again after a crash. */
  appendMarker(marker: TransactionMarker): AppendResult;
  hasOpenTransaction(producerId: bigint, epoch: number): boolean;
  /** Before a batch that is to open one is admitted. Throws INVALID_PRODUCER_EPOCH when a newer epoch of the producer is known here. */
  expectTransaction(expected: ExpectedTransaction): void;
  /** Aborted transactions with records among those that were read from the offset on, by first offset (F9). */
  abortedTransactions(offset: bigint, records: Buffer): readonly AbortedTransaction[];
  /** Who has written here with a producer id. */
  producers(): readonly ProducerState[];
  /** Whole batches from the one that holds `offset`, up to the high watermark; empty at the end. OFFSET_OUT_OF_RANGE outside [start, end]. */
  read(offset: bigint, limits: ReadLimits): Buffer;
  /** Earliest record at or after the timestamp, below the high watermark (L2, L3 of the protocol notes). */
  offsetForTimestamp(timestampMs: bigint): TimestampedOffset | undefined;
  /** Record with the highest timestamp, or undefined when empty (ListOffsets -3). */
  maxTimestamp(): TimestampedOffset | undefined;
  /** Of the epoch that the records at the offset were written in; undefined when nothing was. */
  leaderEpochAt(offset: bigint): number | undefined;
  /** L5: OffsetForLeaderEpoch. */
  endOffsetForEpoch(leaderEpoch: number): EpochEnd;
  /**
   * Raises the log start offset (D1), -1 to the high watermark; a lower one changes nothing. Resolves with the log start offset once it is
   * durable; OFFSET_OUT_OF_RANGE beyond the high watermark. What is below is not read again; its files go when all of a segment is below.
   */
  deleteRecordsBefore(offset: bigint): Promise<bigint>;
  /** Resolves when what has been appended is on disk, and so below the high watermark. */
  flush(): Promise<void>;
  /** Calls back, after the high watermark or the log start offset has moved or the partition was deleted; returns the way to stop it. */
  watch(listener: () => void): () => void;
}

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
