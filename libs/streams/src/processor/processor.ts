import type { Headers, RecordMetadata, StreamRecord } from './record.ts';
import type { TaskId } from './task-id.ts';

/** A store of one task. In all stores, null stands for no value. */
export interface StateStore {
  readonly name: string;
}

/**
 * `stream_time` advances with the records, `wall_clock` with the clock of the process.
 */
export type PunctuationType = 'stream_time' | 'wall_clock';

export interface Cancellable {
  cancel(): void;
}

/** The view that a processor has of the task that runs it. */
export interface ProcessorContext<K = unknown, V = unknown> {
  readonly applicationId: string;
  readonly taskId: TaskId;
  /** The largest time of a record that the task has seen, or -1. */
  readonly streamTimeMs: number;
  readonly wallClockMs: number;
  /** The record from the log that is being processed. Undefined in a punctuation. */
  readonly recordMetadata: RecordMetadata | undefined;
  /** The headers of the record that is being processed. */
  readonly headers: Headers;
  /** Forwards a record to all children, or to one. Throws if there is no child of this name. */
  forward(record: StreamRecord<K, V>, childName?: string): void;
  /** Throws if the store is unknown or not connected to this processor. */
  store<S extends StateStore>(name: string): S;
  /**
   * Calls `punctuate` each time this many milliseconds have passed. The intervals of stream time
   * are aligned to 0.
   */
  schedule(intervalMs: number, type: PunctuationType, punctuate: (timestampMs: number) => void): Cancellable;
  /** Requests a commit before the commit interval has passed. */
  commit(): void;
  /**
   * Calls `write` in each commit that has anything of this task, before its stores and offsets are
   * committed. So a processor may keep in memory what changes often, and put it into its stores and
   * forward it once per commit. If the commit fails, the processor is created anew over the stores of
   * the last commit and gets the records since then again. An error of `write` therefore undoes the
   * commit, whatever `onProcessingError` says. Throws in a processor of a global store, which commits
   * nothing.
   */
  beforeCommit(write: () => void): void;
}

/** A node that runs the user's code. All calls are synchronous, and come from one task. */
export interface Processor<KIn = unknown, VIn = unknown, KOut = unknown, VOut = unknown> {
  init?(context: ProcessorContext<KOut, VOut>): void;
  process(record: StreamRecord<KIn, VIn>): void;
  close?(): void;
}

/** Creates the processor of one task. It must return a new one at each call. */
export type ProcessorSupplier<KIn = unknown, VIn = unknown, KOut = unknown, VOut = unknown> = () => Processor<
  KIn,
  VIn,
  KOut,
  VOut
>;
