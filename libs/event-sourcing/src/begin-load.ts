import type { Queryable } from '@millrace/streaming-core/postgres';
import type { DomainEvent, StateSchema } from './decider.ts';
import type { DueSnapshots } from './due-snapshots.ts';
import type { EventStore, FoundSnapshot, RecordedEvent } from './event-store.ts';
import type { Folding, VersionedState } from './folding.ts';
import { streamsOf } from './transaction-streams.ts';

export interface BegunLoad<State> {
  readonly from: VersionedState<State>;
  /** The events after `from` that were read in the same statement. */
  readonly events: readonly RecordedEvent[];
}

/**
 * Reads a stream's snapshot and the first events after it in one statement, or the first events of
 * a stream that has no snapshot. Returns undefined if
 *
 * - the domain or the store has no snapshots;
 * - the transaction has appended to the stream, or has loaded all of its events with its lock;
 * - the snapshot is damaged.
 */
export async function beginFromSnapshot<Event extends DomainEvent, State>(
  transaction: Queryable,
  { snapshots }: EventStore,
  decider: Folding<Event, State>,
  stream: string,
  limit: number,
): Promise<BegunLoad<State> | undefined> {
  const schema = decider.snapshots;
  if (schema === undefined || snapshots === undefined) return undefined;
  const known = streamsOf(transaction).find(stream);
  if (known !== undefined && (!known.locked || known.own.length > 0)) return undefined;
  if (known?.loaded !== undefined && known.loaded.from <= 1n) return undefined;
  const { snapshot, events } = await snapshots.read(transaction, stream, {
    schemaHash: schema.hash,
    toVersion: known?.stored,
    limit,
  });
  if (snapshot === undefined) return { from: { state: decider.initialState, version: 0n }, events };
  const from = usable(snapshots.due, schema, stream, snapshot);
  if (from !== undefined) return { from, events };
  return snapshot.fits ? undefined : { from: { state: decider.initialState, version: 0n }, events };
}

function usable<State>(
  due: DueSnapshots,
  schema: StateSchema<State>,
  stream: string,
  { version, state, fits }: FoundSnapshot,
): VersionedState<State> | undefined {
  const useless = (reason: string) => due.useless({ stream, schema, version, reason });
  if (!fits) return void useless('the stream lacks the event that the snapshot ends with');
  try {
    const from = { state: schema.fromJson(state), version };
    due.found(schema, stream, version);
    return from;
  } catch (error) {
    return void useless(error instanceof Error ? error.message : String(error));
  }
}
