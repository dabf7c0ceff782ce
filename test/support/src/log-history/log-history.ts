/** What clients of a partitioned log did and saw, for `checkLogHistory`. Every value is written once by the workload, so a second one is a duplicate. */
export interface LogHistory {
  readonly sends: readonly Send[];
  /** In the order in which each consumer polled. */
  readonly polls: readonly Poll[];
}

/** One record that was sent, in the order of its session. */
export interface Send {
  readonly value: string;
  readonly topic: string;
  readonly partition: number;
  /** One producer between two unknown outcomes: within it and a partition, offsets rise in the order of sending. */
  readonly session: string;
  /** `unknown`: it may be on the log or not. `failed`: it is certain not to be. */
  readonly outcome: 'acknowledged' | 'unknown' | 'failed';
  /** Of an acknowledged one. */
  readonly offset?: bigint;
  /** The transaction that it is part of; the outcome is then that of the transaction. */
  readonly transaction?: string;
}

/** One poll of one consumer. */
export interface Poll {
  readonly consumer: string;
  /** Rises when the consumer was given other partitions, or went to other offsets by its own will: it may jump then. */
  readonly assignment: number;
  readonly records: readonly PolledRecord[];
  /** Reads the logs to their ends after every fault is over. */
  readonly final?: true;
}

export interface PolledRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly value: string;
}

/** After Jepsen's Kafka workload. */
export type LogAnomalyKind =
  /** Acknowledged, not seen by anyone, and others at higher offsets were. */
  | 'lost-write'
  /** Acknowledged and not there at the end, though nothing higher was seen either. */
  | 'unseen'
  /** One value at two offsets. */
  | 'duplicate'
  /** G1a: a value whose sending failed for certain, or whose transaction was aborted. */
  | 'aborted-read'
  /** Some of the records of one transaction are there, and others are not. */
  | 'torn-transaction'
  /** Two values at one offset. */
  | 'inconsistent-offsets'
  /** A value that nobody sent. */
  | 'never-sent'
  /** Acknowledged at one offset and read at another. */
  | 'moved'
  /** A consumer jumped over records that others saw, between two polls or within one. */
  | 'poll-skip'
  | 'internal-poll-skip'
  /** A consumer went back, between two polls or within one. */
  | 'nonmonotonic-poll'
  | 'internal-nonmonotonic-poll'
  /** A later record of a session stands at a lower offset. */
  | 'nonmonotonic-send';

export interface LogAnomaly {
  readonly kind: LogAnomalyKind;
  readonly subject: string;
  readonly detail: string;
}
