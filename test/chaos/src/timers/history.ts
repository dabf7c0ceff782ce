/** A timer gets a due time, or ends. */
export interface TimerChange {
  /** Names one sending of one command, or one deadline of a choreographed order: `CAUSE:ATTEMPT`. */
  readonly token: string;
  readonly sagaId: string;
  readonly step: string;
  /** What the replies that end it name: the id of its command, or that of the choreographed order. */
  readonly awaits: string;
  readonly partition: number;
  /** Undefined once the timer has fired or its reply was handled. */
  readonly dueMs: number | undefined;
  readonly atMs: number;
}

/** The order service commits an offset of a partition, or a process takes it and raises its epoch. */
export interface OffsetChange {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number;
  readonly nextOffset: number;
  readonly atMs: number;
}

/** The ends of the sagas' topics, by `topic/partition`, at some moment between the two. */
export interface LogSample {
  readonly fromMs: number;
  readonly toMs: number;
  readonly ends: ReadonlyMap<string, number>;
}

/** A reply to a command, or an event after which a choreographed order has no deadline, and its place on the log. */
export interface Reply {
  /** The id of the command, or that of the order. */
  readonly to: string;
  readonly place: string;
  readonly offset: number;
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Everything that the check of the timers needs. */
export interface TimerHistory {
  readonly topics: readonly string[];
  readonly timers: readonly TimerChange[];
  /** Ordered by time. */
  readonly offsets: readonly OffsetChange[];
  /** Ordered by time. */
  readonly samples: readonly LogSample[];
  readonly replies: readonly Reply[];
  /** Tokens of the timers that fired. */
  readonly fired: ReadonlySet<string>;
  /**
   * Outages of the log and the database, and pauses of processes that may have kept their partitions.
   */
  readonly outages: readonly Span[];
  /** The moments at which a process of the order service was killed, paused or sent SIGTERM. */
  readonly ownerFaultsMs: readonly number[];
}

export const placeOf = (topic: string, partition: number): string => `${topic}/${partition}`;
