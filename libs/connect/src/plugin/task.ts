import type { RecordOrigin, SinkRecord, SourcePlace, SourceRecord } from '../record/records.ts';
import type { ConnectConfig } from './setting.ts';

/** What a worker gives a task. `config` has every default filled in. */
export interface TaskContext {
  readonly connector: string;
  readonly config: ConnectConfig;
  /** The number of the task in its connector, from 0. */
  readonly task: number;
  /** Says what happens outside the flow of records, for example the progress of a snapshot. */
  readonly log: (
    level: 'info' | 'warn' | 'error',
    message: string,
    facts?: Readonly<Record<string, unknown>>,
  ) => void;
  /** Sets a figure of the task, which `/metrics` shows as `millrace_connect_NAME`. */
  readonly measure: (name: string, value: number) => void;
}

export interface SourceContext extends TaskContext {
  /** The last committed offset of a source partition, or undefined at the first start. */
  readonly offsetOf: (sourcePartition: SourcePlace) => Promise<SourcePlace | undefined>;
}

/**
 * Reads from outside and is called by one caller at a time. The worker writes the records of a poll
 * and their offsets in one transaction of the log, in their order, and calls `committed` after it.
 * What a task throws makes it FAILED, unless it is a `RetriableConnectError`, after which the worker polls again.
 */
export interface SourceTask {
  start(context: SourceContext): Promise<void>;
  /** Resolves with records, or with none after a while or once the signal aborts. At most 10,000 records. */
  poll(signal: AbortSignal): Promise<readonly SourceRecord[]>;
  /** The records of the polls so far, up to this one, are on the log: they need not be read again. */
  committed?(last: SourceRecord): Promise<void>;
  stop(): Promise<void>;
}

export interface SinkContext extends TaskContext {
  /**
   * Takes the records that cannot be written for their own fault, if `errors.tolerance` is `all`.
   * Resolves once the record is among the dead letters, if there are any. A task that keeps its own
   * offsets waits for that before they move.
   */
  readonly reject?: (record: SinkRecord, error: Error) => Promise<void>;
}

/** The position of the next record of a partition. */
export interface SinkOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/**
 * Writes outside, called by one caller at a time. Records of a partition come in their order.
 * The worker commits offsets after `flush`.
 */
export interface SinkTask {
  start(context: SinkContext): Promise<void>;
  /**
   * The partitions from which records come now. A task that keeps its own offsets returns from where
   * to read; partitions that it leaves out begin at the group's committed offset.
   */
  assigned?(partitions: readonly Omit<RecordOrigin, 'offset'>[]): Promise<readonly SinkOffset[]>;
  put(records: readonly SinkRecord[]): Promise<void>;
  /**
   * Writes what `put` has kept. Resolves with the offsets that may be committed, or with undefined
   * if everything that was put is written.
   */
  flush?(): Promise<readonly SinkOffset[] | undefined>;
  stop(): Promise<void>;
}
