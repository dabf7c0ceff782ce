/** When a timer was given a due time, or was over. */
export interface TimerChange {
  /** Names one sending of one command: `COMMAND:ATTEMPT`. */
  readonly token: string;
  readonly sagaId: string;
  readonly step: string;
  readonly partition: number;
  /** Undefined: it fired, or its answer came. */
  readonly dueMs: number | undefined;
  readonly atMs: number;
}

/** What the order service committed of a partition, or that a process took it: then its epoch grows. */
export interface OffsetChange {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number;
  readonly nextOffset: number;
  readonly atMs: number;
}

/** Where the topics of the sagas ended, by `topic/partition`, at a moment between the two. */
export interface LogSample {
  readonly fromMs: number;
  readonly toMs: number;
  readonly ends: ReadonlyMap<string, number>;
}

/** An answer to a command, on the log. */
export interface Reply {
  readonly commandId: string;
  readonly place: string;
  readonly offset: number;
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Everything that the check of the timers is made from. */
export interface TimerHistory {
  readonly topics: readonly string[];
  readonly timers: readonly TimerChange[];
  /** In the order of their moments. */
  readonly offsets: readonly OffsetChange[];
  /** In the order of their moments. */
  readonly samples: readonly LogSample[];
  readonly replies: readonly Reply[];
  /** Tokens of the timers that fired. */
  readonly fired: ReadonlySet<string>;
  /** When the log or the database could not answer, or a process was paused that may have kept its partitions. */
  readonly outages: readonly Span[];
  /** When a process of the order service was killed, paused or told to end. */
  readonly ownerFaultsMs: readonly number[];
}

export const placeOf = (topic: string, partition: number): string => `${topic}/${partition}`;
