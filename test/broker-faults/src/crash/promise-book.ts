/**
 * A request. Times are positions in the journal of the disk: the number of changes that had been
 * made when the request was sent and when its answer arrived.
 */
export interface Asked {
  readonly askedAt: number;
  doneAt?: number;
  /** The answer was an error or none came, so the request may or may not have been carried out. */
  failed?: string;
}

export interface TopicAsked extends Asked {
  readonly name: string;
  readonly partitions: number;
  /** Compaction keeps the last record of each key. Everything in the topic is a `PutAsked`. */
  readonly compacted?: boolean;
  /** Retention deletes the oldest segments and keeps at least this many bytes. */
  readonly retentionBytes?: number;
  topicId?: string;
  growth?: GrowthAsked;
  deletion?: Asked;
}

interface GrowthAsked extends Asked {
  readonly partitions: number;
}

export interface BatchAsked extends Asked {
  readonly topic: TopicAsked;
  readonly partition: number;
  /** Each value is written only once. */
  readonly values: readonly string[];
  /**
   * Batches with the same session and partition are stored in the order in which they were sent.
   */
  readonly session: string;
  readonly acks: -1 | 1;
  /** The encoded batch, without topic and partition, for sending it again. */
  readonly bytes: Buffer;
  readonly idempotent: boolean;
  readonly transaction?: TransactionAsked;
  offset?: bigint;
}

/**
 * A value for a key of a compacted topic; null deletes the key. Each key has one writer, so its
 * values follow one another in the order of the requests.
 */
export interface PutAsked extends Asked {
  readonly topic: TopicAsked;
  readonly partition: number;
  readonly entries: ReadonlyArray<{ readonly key: string; readonly value: string | null }>;
  readonly transaction?: TransactionAsked;
  offset?: bigint;
}

export interface CommitAsked extends Asked {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** The transaction whose commit puts the offset into force. */
  readonly transaction?: TransactionAsked;
}

/** Deletes the records below an offset. */
export interface DeletionAsked extends Asked {
  readonly topic: TopicAsked;
  readonly partition: number;
  readonly offset: bigint;
}

/** Requests a producer id, or the next epoch of the producer id that a transactional id has. */
export interface ProducerIdAsked extends Asked {
  readonly transactionalId?: string;
  producerId?: bigint;
  producerEpoch?: number;
}

/** Requested with its first step. Transactions of one id follow one another. */
export interface TransactionAsked extends Asked {
  readonly transactionalId: string;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /**
   * Protocol 2 is the one since KIP-890: partitions join by themselves, and each transaction has
   * its own epoch.
   */
  readonly protocol: 1 | 2;
  end?: TransactionEnd;
}

export interface TransactionEnd extends Asked {
  readonly committed: boolean;
  /** Ended by the producer itself, or by one that took over its id. */
  readonly by: 'producer' | 'heir';
  /**
   * When the coordinator was seen to have written everything that belongs to the end. Until then
   * the end is only prepared.
   */
  completedAt?: number;
}

/** A member's place in a generation of a group, until the member leaves. */
export interface MembershipAsked extends Asked {
  readonly group: string;
  readonly memberId: string;
  readonly generationId: number;
  readonly assignment: string;
  leaving?: Asked;
}

/**
 * The requests to a broker and its answers. Everything that has to hold after a crash follows from
 * them.
 */
export interface PromiseBook {
  readonly topics: TopicAsked[];
  readonly batches: BatchAsked[];
  readonly puts: PutAsked[];
  readonly commits: CommitAsked[];
  readonly deletions: DeletionAsked[];
  readonly producerIds: ProducerIdAsked[];
  readonly transactions: TransactionAsked[];
  readonly memberships: MembershipAsked[];
}

export const emptyBook = (): PromiseBook => ({
  topics: [],
  batches: [],
  puts: [],
  commits: [],
  deletions: [],
  producerIds: [],
  transactions: [],
  memberships: [],
});

export const wasAsked = (asked: Asked | undefined, at: number): boolean =>
  asked !== undefined && asked.askedAt <= at;
export const wasDone = (asked: Asked | undefined, at: number): boolean =>
  asked?.doneAt !== undefined && asked.doneAt <= at;
