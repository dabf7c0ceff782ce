import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import type { RecordedEvent } from './event-store.ts';

/** Runs in the transaction of the append: a read after the answer never misses it. Writes only rows that a locked stream owns. */
export interface InlineProjection {
  readonly name: string;
  readonly version: number;
  readonly eventTypes: readonly string[];
  apply(transaction: SqlTransaction, events: readonly RecordedEvent[]): Promise<void>;
}

/** Follows the store with a checkpoint kept in the transaction of its read model. */
export interface AsyncProjection extends InlineProjection {
  readonly batchSizeMax?: number;
}

/** Maps private events to the messages that others may see: called with what one append recorded, in its transaction. */
export type Publish = (transaction: SqlTransaction, events: readonly RecordedEvent[]) => Promise<void>;
