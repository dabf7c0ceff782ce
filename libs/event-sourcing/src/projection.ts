import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import type { RecordedEvent } from './event-store.ts';

/**
 * Runs in the transaction of the append, at the end of its unit of work: a read after the answer never misses it, one in the same unit does.
 * Writes only rows that a locked stream owns.
 */
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

/** An event and the state of its stream right after it. */
export interface EventInState {
  readonly recorded: RecordedEvent;
  readonly state: unknown;
}

/** Tells others about what one decision recorded, in its transaction, before projections run. */
export type Publish = (transaction: SqlTransaction, events: readonly EventInState[]) => Promise<void>;
