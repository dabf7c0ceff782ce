import type { ProcessorContext } from './processor.ts';
import type { StreamRecord, RecordContext } from './record.ts';

/** One node of a running task. */
export interface Node<K = unknown, V = unknown> {
  process(record: StreamRecord<K, V>): void;
  close?(): void;
}

/** Creates the node of one task. The task's stores are open, and the node's children exist. */
export type NodeFactory<KIn = unknown, VIn = unknown, KOut = unknown, VOut = unknown> = (
  context: NodeContext<KOut, VOut>,
) => Node<KIn, VIn>;

/**
 * Why a record had no effect. `late` stands for a record that belongs to a closed window, or that
 * came after its place in a pattern was judged. The last two stand for partial matches of a pattern.
 */
export type DropReason =
  | 'null_key'
  | 'null_value'
  | 'negative_timestamp'
  | 'late'
  | 'expired_window'
  | 'skipped'
  | 'processing_error'
  | 'duplicate'
  | 'too_many_runs'
  | 'pattern_changed';

/**
 * The shortest pauses between two scans of a store for results that have become final: one second
 * of the wall clock, as the defaults of Kafka Streams' internal configs are.
 */
export interface EmitIntervals {
  /** `__emit.interval.ms.kstreams.windowed.aggregation__` */
  readonly windowedAggregationMs: number;
  /** `__emit.interval.ms.kstreams.outer.join.spurious.results.fix__` */
  readonly outerJoinMs: number;
}

/** The context of this library's own nodes, which extends `ProcessorContext`. */
export interface NodeContext<K = unknown, V = unknown> extends ProcessorContext<K, V> {
  /**
   * The record from the log that is being processed, with the time and the headers of the record
   * that the parent node has forwarded. A punctuation has a context with its time, no headers, the
   * topic '', partition -1 and offset -1. Undefined while the node is being created.
   */
  readonly recordContext: RecordContext | undefined;
  /** Runs `work` with another record context. Used to flush a cache and to emit a window. */
  withRecordContext(context: RecordContext, work: () => void): void;
  /** Runs `work` when the task closes, after the nodes have been closed. */
  onClose(work: () => void): void;
  /** Counts a record that had no effect (Kafka Streams' `dropped-records-total`). */
  drop(reason: DropReason): void;
  /** A number that this task committed together with its offsets (KIP-825), or undefined. */
  committedMetadata(name: string): number | undefined;
  /** Commits this number together with the offsets, in the format of Kafka Streams. */
  setCommittedMetadata(name: string, value: number): void;
  readonly emitIntervals: EmitIntervals;
}

/** Kafka Streams' own pauses between two scans for final results. */
export const emitIntervals: EmitIntervals = Object.freeze({
  windowedAggregationMs: 1_000,
  outerJoinMs: 1_000,
});
