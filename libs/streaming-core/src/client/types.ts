import type { ClientError } from './errors/client-error.ts';

/** The name and the value of a header. Null differs from an empty value, and readers get it back. */
export type ProducerHeader = readonly [name: string, value: string | Uint8Array | null];

/**
 * The headers of a record. A list keeps the order of headers, and may repeat a name, as Kafka
 * allows.
 */
export type ProducerHeaders = Readonly<Record<string, string | Uint8Array>> | readonly ProducerHeader[];

/**
 * A record to publish. Text is encoded as UTF-8. The client validates and copies key, value and
 * headers when it is called.
 */
export interface ProducerRecord {
  readonly topic: string;
  readonly key: string | Uint8Array | null;
  readonly value: string | Uint8Array | null;
  readonly headers?: ProducerHeaders;
  /**
   * The partition to write to. If it is absent, the partitioner chooses one. The default
   * partitioner hashes the key as Kafka's Java client does.
   */
  readonly partition?: number;
  /** Unix time in milliseconds. The default is the time of the producer's clock. */
  readonly timestampMs?: number;
}

export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  /** The offset, or -1 if the broker only knows that it already has the record. */
  readonly offset: bigint;
}

export interface SendOptions {
  /**
   * Withdraws the records that were not sent yet. The send then rejects with `aborted`, and its
   * message says whether the other records may be on the log.
   */
  readonly signal?: AbortSignal;
}

/**
 * Sends records. `send` keeps the order of its array and of the calls per partition, and resolves
 * once every record is acknowledged, which means on disk with the embedded broker and acks=all.
 * Rejects with `ClientError`. After an indeterminate failure the records may or may not be on the
 * log.
 */
export interface Producer {
  send(records: readonly ProducerRecord[], options?: SendOptions): Promise<readonly RecordMetadata[]>;
  /** Sends what is waiting, within a time limit, and rejects later calls. */
  close(): Promise<void>;
}

/** Called once per record, in the order of the records within a partition. */
export type DeliveryCallback = (
  error: ClientError | undefined,
  written: RecordMetadata | undefined,
  record: ProducerRecord,
) => void;

/** A producer that collects records in batches, with several requests in flight. */
export interface BatchingProducer extends Producer, AsyncDisposable {
  /**
   * Sends without a promise, and throws only `argument_invalid`, if `records` is not an array or
   * `onDelivered` not a function. A promise that nobody awaits would end the process
   * when it rejects. Failures go to the callback, and are counted in `undelivered`.
   */
  post(records: readonly ProducerRecord[], onDelivered?: DeliveryCallback): void;
  /** How many records of `post` have failed. */
  readonly undelivered: number;
  /** Sends everything without lingering, and resolves once all calls before it have settled. */
  flush(): Promise<void>;
}

/**
 * The owner of the offsets in a transaction: a group, and the member and generation that read them.
 * A member that has lost its partitions commits nothing.
 */
export interface OffsetsOwner extends Partial<Pick<Assignment, 'memberId' | 'generationId'>> {
  readonly groupId: string;
  readonly groupInstanceId?: string;
}

/**
 * A transaction. Readers with `read_committed` see all of it or nothing. Every call rejects with
 * `ClientError`. After a failure the transaction can only be aborted.
 */
export interface Transaction {
  /** Sends like `Producer.send`. */
  send(records: readonly ProducerRecord[]): Promise<readonly RecordMetadata[]>;
  /** Commits the offsets for the group if, and only if, the transaction commits (KIP-447). */
  sendOffsets(owner: OffsetsOwner, offsets: readonly OffsetToCommit[]): Promise<void>;
  /**
   * Waits for the sends in flight and commits. Readers see the transaction a moment later. Rejects
   * with `outcome_unknown` if no broker answered. With any other error, readers never see the
   * transaction as committed.
   */
  commit(): Promise<void>;
  /**
   * Aborts the transaction. If that fails, the next `begin`, a successor or the transaction timeout
   * aborts it.
   */
  abort(): Promise<void>;
}

/**
 * A producer with a transactional id, which fences earlier producers with the same id. It has one
 * transaction at a time.
 */
export interface TransactionalProducer {
  /**
   * Takes over the transactional id. A transaction that a predecessor left open is aborted, and one
   * that it was committing is completed. `begin` calls this if needed.
   */
  open(): Promise<void>;
  begin(): Promise<Transaction>;
  /** Commits what `work` has sent. If `work` throws, aborts and rejects with the same error. */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  /** Aborts an open transaction, and waits for a commit in flight. */
  close(): Promise<void>;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** An offset to commit, with a text that the broker stores with it. */
export interface OffsetToCommit extends TopicPartition {
  readonly offset: bigint;
  readonly metadata?: string | null;
}

/** An offset that a group has committed to the broker. */
export type CommittedOffset = Required<OffsetToCommit>;

export interface ConsumedRecord extends TopicPartition {
  readonly offset: bigint;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** The headers as text. If a name is repeated, its last value counts. */
  readonly headers: ReadonlyMap<string, string>;
}

/** A record as it is on the log. */
export interface FetchedRecord extends ConsumedRecord {
  /** All headers in their order, with repeated names and raw values. Decoded on demand. */
  readonly headerList: readonly RecordHeader[];
}

export interface RecordHeader {
  readonly name: string;
  readonly value: Buffer | null;
}

/** The identity of a topic's log. It prevents an offset from being applied to another log. */
export interface TopicIdentity {
  readonly clusterId: string;
  /** The id of the topic, as a UUID in the form 8-4-4-4-12. A recreated topic has another id. */
  readonly topicId: string;
  readonly partitions: number;
}

export interface Assignment {
  readonly memberId: string;
  readonly generationId: number;
  readonly partitions: readonly TopicPartition[];
}

/**
 * The answer for one partition. `nextOffset` is the position to read next, which may skip control
 * batches and compacted offsets.
 */
export interface FetchedPartition<Record extends ConsumedRecord = ConsumedRecord> extends TopicPartition {
  readonly records: readonly Record[];
  readonly nextOffset: bigint;
  readonly highWatermark: bigint;
  /** The end of what `read_committed` can return so far. Absent if no answer has given it. */
  readonly lastStableOffset?: bigint;
  readonly error?: Error;
}

/** Records that are decoded one by one when they are taken, so that few of them are in memory. */
export interface UndecodedRecords {
  /** How many records there are at most. Those before the position of the fetch count as well. */
  readonly countMax: number;
  /** The bytes of their batches as they were fetched. */
  readonly sizeBytes: number;
  /** Returns the next record, or undefined after the last. Throws for malformed bytes. */
  next(): FetchedRecord | undefined;
}

/** Like `FetchedPartition`, with records that are not decoded yet. */
export interface UndecodedPartition extends Omit<FetchedPartition, 'records'> {
  readonly records: UndecodedRecords;
}

/**
 * `read_committed` leaves out records of aborted transactions, and stops before the first open
 * transaction (KIP-98). Records without a transaction count as committed.
 */
export type Isolation = 'read_uncommitted' | 'read_committed';

export interface GroupListener {
  /**
   * The member waits for this before it rejoins. Finish the work in flight for its partitions here,
   * within the session timeout.
   */
  onRevoked(): Promise<void>;
  onAssigned(assignment: Assignment): Promise<void>;
  /**
   * Called instead of `onRevoked` if other members may have the partitions already, so that nothing
   * can be committed for them. Without this method, `onRevoked` is called.
   */
  onLost?(): Promise<void>;
  /**
   * Called when this member has given up its membership permanently, after its partitions were
   * revoked. Only a new consumer can join again.
   */
  onStopped?(error: Error): void;
}

/**
 * A position to read from. With `topicId` it applies only to the topic with that id, otherwise to
 * the topic that was identified last.
 */
export interface FetchPosition extends TopicPartition {
  readonly offset: bigint;
  readonly topicId?: string;
}

/**
 * A member of a consumer group. It fetches on separate connections. The caller keeps track of the
 * offsets.
 */
export interface GroupConsumer {
  /**
   * Joins the group and stays in it. A failed join or rejoin is retried with backoff until `close`.
   * Resolves at the first assignment.
   */
  start(listener: GroupListener): Promise<void>;
  /**
   * Makes one long poll over the given positions. Returns one result for each, in their order:
   * partitions that failed have an error, and the others have records.
   */
  fetch(positions: readonly FetchPosition[]): Promise<readonly FetchedPartition[]>;
  identify(topics: readonly string[]): Promise<ReadonlyMap<string, TopicIdentity>>;
  /**
   * Asks the log for the current high watermarks, or with `read_committed` for the last stable
   * offsets.
   */
  endOffsets(
    partitions: readonly TopicPartition[],
  ): Promise<ReadonlyArray<TopicPartition & { readonly offset: bigint }>>;
  /** Asks the log for the first offsets that it still holds. */
  beginningOffsets(
    partitions: readonly TopicPartition[],
  ): Promise<ReadonlyArray<TopicPartition & { readonly offset: bigint }>>;
  /**
   * Commits offsets to the broker, for lag tools and `committed`. The authoritative offsets are in
   * PostgreSQL. The caller logs the errors.
   */
  commit(offsets: readonly OffsetToCommit[]): Promise<void>;
  /** Returns what the group has committed to the broker. Leaves out partitions without a commit. */
  committed(partitions: readonly TopicPartition[]): Promise<readonly CommittedOffset[]>;
  /** Leaves the group, waits and joins again, as a fenced member has to. */
  rejoin(): Promise<void>;
  /**
   * Gives all partitions up and joins again without leaving the group, so that the others keep
   * theirs until the leader has assigned anew. The coordinator repeats the present assignment for a
   * member that does not lead the group and has nothing new to tell.
   */
  rebalance(): Promise<void>;
  close(): Promise<void>;
}
