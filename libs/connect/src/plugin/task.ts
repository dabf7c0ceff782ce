import type { RecordOrigin, SinkRecord, SourcePlace, SourceRecord } from '../record/records.ts';
import type { ConnectConfig } from './setting.ts';

/** A task's side of the worker. `config` has every default filled in. */
export interface TaskContext {
  readonly connector: string;
  readonly config: ConnectConfig;
  /** The number of the task in its connector, from 0. */
  readonly task: number;
  /** Logs something beside the flow of records, for example the progress of a snapshot. */
  readonly log: (
    level: 'info' | 'warn' | 'error',
    message: string,
    facts?: Readonly<Record<string, unknown>>,
  ) => void;
}

export interface SourceContext extends TaskContext {
  /** Returns the last committed offset of a source partition, or undefined at the first start. */
  readonly offsetOf: (sourcePartition: SourcePlace) => Promise<SourcePlace | undefined>;
}

/**
 * Reads records from outside. The worker makes one call at a time. It writes the records of a poll and their
 * offsets in one transaction of the log, in their order, and then calls `committed`. If the task throws, it
 * becomes FAILED. After a `RetriableConnectError`, the worker polls again instead.
 */
export interface SourceTask {
  start(context: SourceContext): Promise<void>;
  /** Resolves with at most 10,000 records. It returns none after a while, or once the signal aborts. */
  poll(signal: AbortSignal): Promise<readonly SourceRecord[]>;
  /**
   * Called once the records of all polls up to this one are on the log, so the task need not read them again.
   */
  committed?(last: SourceRecord): Promise<void>;
  stop(): Promise<void>;
}

export interface SinkContext extends TaskContext {
  /**
   * Takes a record that the task cannot write because of the record itself. Present if `errors.tolerance` is
   * `all`. Resolves once the record is among the dead letters, if there are any. A task that keeps its own
   * offsets waits for that before it moves them.
   */
  readonly reject?: (record: SinkRecord, error: Error) => Promise<void>;
}

/** The offset of the next record of a partition. */
export interface SinkOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/**
 * Writes records to the outside. The worker makes one call at a time, and passes the records of a partition
 * in their order. It commits offsets after `flush`.
 */
export interface SinkTask {
  start(context: SinkContext): Promise<void>;
  /**
   * Tells the task all its partitions. A task that keeps its own offsets returns from where to read. A
   * partition that it leaves out begins at the group's committed offset.
   */
  assigned?(partitions: readonly Omit<RecordOrigin, 'offset'>[]): Promise<readonly SinkOffset[]>;
  put(records: readonly SinkRecord[]): Promise<void>;
  /**
   * Writes everything that `put` has kept. Resolves with the offsets that may be committed, or with undefined
   * if all records were written.
   */
  flush?(): Promise<readonly SinkOffset[] | undefined>;
  stop(): Promise<void>;
}
