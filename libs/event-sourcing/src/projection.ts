import type { OutboxMessage } from '@millrace/streaming-core/outbox';
import {
  writeRanks,
  type CollectedWrite,
  type Sent,
  type SqlTransaction,
} from '@millrace/streaming-core/postgres';
import type { RecordedEvent } from './event-store.ts';

/**
 * Runs in the transaction of the append, at the end of its unit of work. A read after the
 * transaction always sees its rows; a read inside the same unit of work does not. It may write only
 * rows that belong to a locked stream. If it resolves to `Sent`, COMMIT is sent together with its
 * statements.
 */
export interface InlineProjection {
  readonly name: string;
  readonly version: number;
  readonly eventTypes: readonly string[];
  apply(transaction: SqlTransaction, events: readonly RecordedEvent[]): Promise<Sent | void>;
}

/** The inline projections of a service. */
export interface InlineProjections {
  /**
   * Runs them at the end of the unit of work: each once, with all events of its types that the unit
   * has recorded.
   */
  apply(transaction: SqlTransaction, events: readonly RecordedEvent[]): Promise<void>;
}

/** Runs the projections in this order. */
export function inlineProjections(projections: readonly InlineProjection[]): InlineProjections {
  const writes = projections.map((projection) => ({ projection, write: writeOf(projection) }));
  return {
    async apply(transaction, events) {
      for (const { projection, write } of writes) {
        const wanted = events.filter(({ event }) => projection.eventTypes.includes(event.type));
        await transaction.collect(write, wanted);
      }
    },
  };
}

const writeOf = (projection: InlineProjection): CollectedWrite<RecordedEvent> => ({
  rank: writeRanks.projections,
  write: (transaction, events) => projection.apply(transaction, events),
});

/**
 * An inline projection that writes only these tables, and names them without a schema. So it can be
 * rebuilt beside them.
 */
export interface RebuildableProjection extends InlineProjection {
  readonly tables: readonly string[];
}

/** Follows the store. Its checkpoint moves in the transaction that changes its read model. */
export interface AsyncProjection extends InlineProjection {
  readonly batchSizeMax?: number;
}

/** An event and the state of its stream right after it. */
export interface EventInState {
  readonly recorded: RecordedEvent;
  readonly state: unknown;
}

/** Publishes messages about recorded events in their transaction, and returns the messages. */
export type Publish = (
  transaction: SqlTransaction,
  events: readonly EventInState[],
) => Promise<readonly OutboxMessage[]>;
