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
  topicId?: string;
  deletion?: Asked;
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
  offset?: bigint;
}

export interface CommitAsked extends Asked {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** Of the records below an offset. */
export interface DeletionAsked extends Asked {
  readonly topic: TopicAsked;
  readonly partition: number;
  readonly offset: bigint;
}

export interface ProducerIdAsked extends Asked {
  producerId?: bigint;
}

/** What a broker was asked for and what it said to it: everything that has to hold after a crash follows from this. */
export interface PromiseBook {
  readonly topics: TopicAsked[];
  readonly batches: BatchAsked[];
  readonly commits: CommitAsked[];
  readonly deletions: DeletionAsked[];
  readonly producerIds: ProducerIdAsked[];
}

export const emptyBook = (): PromiseBook => ({ topics: [], batches: [], commits: [], deletions: [], producerIds: [] });

export const wasAsked = (asked: Asked | undefined, at: number): boolean => asked !== undefined && asked.askedAt <= at;
export const wasDone = (asked: Asked | undefined, at: number): boolean => asked?.doneAt !== undefined && asked.doneAt <= at;
