import type { Headers, RecordMetadata, StreamRecord } from './record.ts';
import type { TaskId } from './task-id.ts';

/** State of one task. Null stands for no value, everywhere. */
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
  /** The record from the log that is being processed. Absent in a punctuation. */
  readonly recordMetadata: RecordMetadata | undefined;
  /** The headers of the record that is being processed. */
  readonly headers: Headers;
  /** Hands a record to all children, or to one. Throws if there is no child of this name. */
  forward(record: StreamRecord<K, V>, childName?: string): void;
  /** Throws if the store is unknown or not connected to this processor. */
  store<S extends StateStore>(name: string): S;
  /** Calls back each time that this much time has passed. The first stream time aligns to 0. */
  schedule(intervalMs: number, type: PunctuationType, punctuate: (timestampMs: number) => void): Cancellable;
  /** Asks for a commit soon, before the interval has passed. */
  commit(): void;
}

/** A node with code of its own. All calls are synchronous, and come from one task. */
export interface Processor<KIn = unknown, VIn = unknown, KOut = unknown, VOut = unknown> {
  init?(context: ProcessorContext<KOut, VOut>): void;
  process(record: StreamRecord<KIn, VIn>): void;
  close?(): void;
}

/** Makes the processor of one task. It must return another one at each call. */
export type ProcessorSupplier<KIn = unknown, VIn = unknown, KOut = unknown, VOut = unknown> = () => Processor<
  KIn,
  VIn,
  KOut,
  VOut
>;
