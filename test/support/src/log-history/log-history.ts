/**
 * The sends and polls of all clients of a partitioned log, for `checkLogHistory`. The workload
 * writes every value once, so a second one is a duplicate.
 */
export interface LogHistory {
  readonly sends: readonly Send[];
  /** The polls, in order for each consumer. */
  readonly polls: readonly Poll[];
}

/** One record that was sent. Those of a session are in the order of sending. */
export interface Send {
  readonly value: string;
  readonly topic: string;
  readonly partition: number;
  /**
   * One producer between two unknown outcomes. Within a session and partition, offsets rise in the
   * order of sending.
   */
  readonly session: string;
  /** With `unknown` the record may or may not be on the log; with `failed` it certainly is not. */
  readonly outcome: 'acknowledged' | 'unknown' | 'failed';
  /** The offset, if the record was acknowledged. */
  readonly offset?: bigint;
  /** The record's transaction, if it has one; `outcome` is then the transaction's. */
  readonly transaction?: string;
}

export interface Poll {
  readonly consumer: string;
  /**
   * A number that rises when the consumer gets new partitions or seeks. It may skip records then.
   */
  readonly assignment: number;
  readonly records: readonly PolledRecord[];
  /** True for a consumer that reads the logs to their ends after the last fault. */
  readonly final?: true;
}

export interface PolledRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly value: string;
}

/** The kinds of anomaly, named after Jepsen's Kafka workload. */
export type LogAnomalyKind =
  /** An acknowledged record that nobody saw, although records at higher offsets were seen. */
  | 'lost-write'
  /** An acknowledged record that is missing at the end of the log, where nothing higher was seen either. */
  | 'unseen'
  /** One value at two offsets. */
  | 'duplicate'
  /** G1a: a value that was read although its send failed or its transaction was aborted. */
  | 'aborted-read'
  /** Some records of a transaction are on the log and others are not. */
  | 'torn-transaction'
  /** Two values at one offset. */
  | 'inconsistent-offsets'
  /** A value that nobody sent. */
  | 'never-sent'
  /** A record that was acknowledged at one offset and read at another. */
  | 'moved'
  /** A consumer jumped over records that others saw, between two polls or within one. */
  | 'poll-skip'
  | 'internal-poll-skip'
  /** A consumer went back, between two polls or within one. */
  | 'nonmonotonic-poll'
  | 'internal-nonmonotonic-poll'
  /** A later record of a session is stored at a lower offset. */
  | 'nonmonotonic-send';

export interface LogAnomaly {
  readonly kind: LogAnomalyKind;
  readonly subject: string;
  readonly detail: string;
}
