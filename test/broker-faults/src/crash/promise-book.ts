/** Times are positions in the journal of the disk: how many changes had been made when something was asked, and when its answer was there. */
export interface Asked {
  readonly askedAt: number;
  /** When the answer said that it was done. */
  doneAt?: number;
  /** The answer was an error, or none came: it may have happened or not. */
  failed?: string;
}

export interface TopicAsked extends Asked {
  readonly name: string;
  readonly partitions: number;
  /** Keeps the last record of each key: everything in it is a `PutAsked`. */
  readonly compacted?: boolean;
  /** Loses its oldest segments; so much stays at least. */
  readonly retentionBytes?: number;
  topicId?: string;
  growth?: GrowthAsked;
  deletion?: Asked;
}

export interface GrowthAsked extends Asked {
  readonly partitions: number;
}

export interface BatchAsked extends Asked {
  readonly topic: TopicAsked;
  readonly partition: number;
  /** Each is written once. */
  readonly values: readonly string[];
  /** Batches of one session and partition stand in the order in which they were asked for. */
  readonly session: string;
  readonly acks: -1 | 1;
  /** As it went out, without its place: to be sent again. */
  readonly bytes: Buffer;
  readonly idempotent: boolean;
  readonly transaction?: TransactionAsked;
  offset?: bigint;
}

/** Values of keys in a compacted topic; null deletes. Each key has one writer, so its values follow one another as asked. */
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
  /** In force once that is committed. */
  readonly transaction?: TransactionAsked;
}

/** Of the records below an offset. */
export interface DeletionAsked extends Asked {
  readonly topic: TopicAsked;
  readonly partition: number;
  readonly offset: bigint;
}

/** An id for a producer, or the next epoch of the one that a transactional id has. */
export interface ProducerIdAsked extends Asked {
  readonly transactionalId?: string;
  producerId?: bigint;
  producerEpoch?: number;
}

/** Asked for with its first step; transactions of one id follow one another. */
export interface TransactionAsked extends Asked {
  readonly transactionalId: string;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** 2 since KIP-890: partitions join by themselves, and each transaction has an epoch of its own. */
  readonly protocol: 1 | 2;
  end?: TransactionEnd;
}

export interface TransactionEnd extends Asked {
  readonly committed: boolean;
  /** By the producer itself, or by one that took its id over. */
  readonly by: 'producer' | 'heir';
  /** When the coordinator was seen to have written everything that belongs to it; prepared until then. */
  completedAt?: number;
}

/** A member's place in a generation of a group, until it leaves. */
export interface MembershipAsked extends Asked {
  readonly group: string;
  readonly memberId: string;
  readonly generationId: number;
  readonly assignment: string;
  leaving?: Asked;
}

/** What a broker was asked for and what it said to it: everything that has to hold after a crash follows from this. */
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
