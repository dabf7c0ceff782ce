/** A record to publish. Key, value and headers are UTF-8 text; the facade makes the bytes and validates them before it sends (recipes 2). */
export interface ProducerRecord {
  readonly topic: string;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Explicit partition; else murmur2 of the key, masked, modulo the partition count, as Kafka's Java client does. */
  readonly partition?: number;
  /** Unix time in milliseconds; the producer's clock where absent. */
  readonly timestampMs?: number;
}

export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  /** -1 where the broker knows only that it has the record already. */
  readonly offset: bigint;
}

/**
 * Idempotent, acks=all. `send` keeps the order of its array per partition and resolves once every record is acknowledged (on the
 * embedded broker: on disk). One request to a broker is in flight at a time: calls queue, and those that wait go together in the next one. Rejects with
 * `ClientError`; after an indeterminate failure the records may or may not be on the log.
 */
export interface Producer {
  send(records: readonly ProducerRecord[]): Promise<readonly RecordMetadata[]>;
  close(): Promise<void>;
}

/** Whose offsets a transaction carries: a group, and the member and generation that read them, so that a member that has lost them commits nothing. */
export interface OffsetsOwner extends Partial<Pick<Assignment, 'memberId' | 'generationId'>> {
  readonly groupId: string;
  readonly groupInstanceId?: string;
}

/** One transaction: readers with `read_committed` see all of it or nothing. Every call rejects with `ClientError`; after a failure it can only be aborted. */
export interface Transaction {
  /** As `Producer.send`. */
  send(records: readonly ProducerRecord[]): Promise<readonly RecordMetadata[]>;
  /** The group goes on at these offsets if, and only if, the transaction commits (KIP-447). */
  sendOffsets(
    owner: OffsetsOwner,
    offsets: ReadonlyArray<TopicPartition & { readonly offset: bigint }>,
  ): Promise<void>;
  /** Awaits the sends that are under way; readers see it a moment later. `outcome_unknown` where nobody answered; with any other error nothing of it is ever seen as committed. */
  commit(): Promise<void>;
  /** Undoes it. Where that fails, the next `begin`, a successor or the transaction timeout does it. */
  abort(): Promise<void>;
}

/** A producer under a transactional id, which fences whoever ran under it before. One transaction at a time. */
export interface TransactionalProducer {
  /** Takes the id over: the transaction that a predecessor left open is aborted, one that it was committing is completed. `begin` does it at need. */
  open(): Promise<void>;
  begin(): Promise<Transaction>;
  /** Commits what `work` has sent; where it throws, aborts and throws the same. */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  /** Aborts what is open, and waits for a commit that is under way. */
  close(): Promise<void>;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A record as it was read. */
export interface ConsumedRecord extends TopicPartition {
  readonly offset: bigint;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: ReadonlyMap<string, string>;
}

/** What the log is, so that an offset can never be applied to another log: DESIGN 3.2. */
export interface TopicIdentity {
  readonly clusterId: string;
  /** UUID of this incarnation of the topic, in its 8-4-4-4-12 form. */
  readonly topicId: string;
  readonly partitions: number;
}

export interface Assignment {
  readonly memberId: string;
  readonly generationId: number;
  readonly partitions: readonly TopicPartition[];
}

/** One answer for one partition: the records, and where to read next (which passes control batches and compacted holes). */
export interface FetchedPartition extends TopicPartition {
  readonly records: readonly ConsumedRecord[];
  readonly nextOffset: bigint;
  readonly highWatermark: bigint;
  readonly error?: Error;
}

/** `read_committed` leaves out what a transaction has aborted, and ends where the first open one begins (KIP-98). Records without a transaction are committed. */
export type Isolation = 'read_uncommitted' | 'read_committed';

export interface GroupListener {
  /** Awaited before this member rejoins: drain what is in flight for the partitions it had. Stay below the session timeout. */
  onRevoked(): Promise<void>;
  onAssigned(assignment: Assignment): Promise<void>;
  /** This member has given up its membership for good, its partitions revoked before; only a new consumer joins again. */
  onStopped?(error: Error): void;
}

/** Where to read. With `topicId` only in that incarnation of the topic, else in the one that was identified last. */
export interface FetchPosition extends TopicPartition {
  readonly offset: bigint;
  readonly topicId?: string;
}

/** Membership in a consumer group plus an own fetch loop on an own connection; offsets are the caller's (DESIGN 3.2, recipes 1). */
export interface GroupConsumer {
  /** Joins and stays joined: a failed join or rejoin is retried with backoff for ever, until `close`. Resolves at the first assignment. */
  start(listener: GroupListener): Promise<void>;
  /** One long poll over the given positions; partitions that failed carry their error, the others their records. */
  fetch(positions: readonly FetchPosition[]): Promise<readonly FetchedPartition[]>;
  identify(topics: readonly string[]): Promise<ReadonlyMap<string, TopicIdentity>>;
  /** High watermarks, asked from the log now; the last stable offsets for read_committed. */
  endOffsets(
    partitions: readonly TopicPartition[],
  ): Promise<ReadonlyArray<TopicPartition & { readonly offset: bigint }>>;
  /** First offsets still held. */
  beginningOffsets(
    partitions: readonly TopicPartition[],
  ): Promise<ReadonlyArray<TopicPartition & { readonly offset: bigint }>>;
  /** For lag tools only: the truth about positions is in PostgreSQL. Errors are the caller's to log. */
  commit(offsets: ReadonlyArray<TopicPartition & { readonly offset: bigint }>): Promise<void>;
  /** Leaves the group, backs off and joins again: what a fenced member does. */
  rejoin(): Promise<void>;
  close(): Promise<void>;
}
