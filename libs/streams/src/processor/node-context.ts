import type { ProcessorContext } from './processor.ts';
import type { RecordContext } from './record.ts';

/** Why a record had no effect. `late` is the record that belongs to a closed window. */
export type DropReason =
  'null_key' | 'null_value' | 'negative_timestamp' | 'late' | 'expired_window' | 'skipped';

/** What the nodes of this library see in addition to `ProcessorContext`. */
export interface NodeContext<K = unknown, V = unknown> extends ProcessorContext<K, V> {
  /** The record from the log that is being processed, or undefined in a punctuation. */
  readonly recordContext: RecordContext | undefined;
  /** Runs with another record context, as a flushed cache and an emitted window do. */
  withRecordContext(context: RecordContext, work: () => void): void;
  /** Counts a record that had no effect (Kafka Streams' `dropped-records-total`). */
  drop(reason: DropReason): void;
}
