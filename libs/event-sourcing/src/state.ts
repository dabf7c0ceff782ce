import type { Queryable } from '@millrace/streaming-core/postgres';
import {
  type DomainEvent,
  foldEvents,
  type Folding,
  type VersionedState,
  type StateSchema,
} from './decider.ts';
import type { EventStore, ReadOptions, RecordedEvent, FoundSnapshot } from './event-store.ts';
import { streamsOf, type FoldedState } from './transaction-streams.ts';
import type { DueSnapshots } from './snapshots.ts';

const pageEvents = 1_000;

/**
 * Loads the state of a stream as of now, of a version or of a moment (both inclusive), with what
 * this transaction has appended.
 *
 * Reads page by page, so a stream may have any length. Events are never changed, so the pages fit
 * together even if events are written in the meantime.
 *
 * The load of a current state continues from what the transaction has folded, from the state that
 * the store keeps, or from the stream's snapshot. A past state is folded from the first event.
 */
export async function loadState<Event extends DomainEvent, State>(
  transaction: Queryable,
  store: EventStore,
  decider: Folding<Event, State>,
  stream: string,
  asOf: Pick<ReadOptions, 'toVersion' | 'at'> = {},
): Promise<VersionedState<State>> {
  const isNow = asOf.toVersion === undefined && asOf.at === undefined;
  const streams = streamsOf(transaction);
  const folded = isNow
    ? (streams.find(stream)?.folded as Map<unknown, FoldedState<State>> | undefined)
    : undefined;
  const earlier = folded?.get(decider);
  const kept = isNow ? (earlier ?? store.states?.find(decider, stream)) : undefined;
  const begun =
    isNow && isFarBehind(transaction, stream, kept?.version)
      ? await beginFromSnapshot(transaction, store, decider, stream, pageEvents)
      : undefined;
  const isBeyondKept = begun !== undefined && begun.from.version >= (kept?.version ?? 0n);
  let loaded = (isBeyondKept ? begun.from : kept) ?? { state: decider.initialState, version: 0n };
  let page = isBeyondKept ? begun.events : undefined;
  let isKeepable = earlier?.isKeepable ?? true;
  for (;;) {
    page ??= await store.read(transaction, stream, {
      ...asOf,
      fromVersion: loaded.version + 1n,
      limit: pageEvents,
    });
    const committed = streams.committedVersion(stream, page.at(-1)?.version ?? loaded.version);
    const own = committed === undefined ? 0 : page.findIndex(({ version }) => version > committed);
    const split = own === -1 ? page.length : own;
    loaded = advance(decider, loaded, page.slice(0, split));
    const isCommitted = isNow && committed !== undefined && loaded.version <= committed;
    isKeepable &&= decider.snapshots !== undefined || !page.some(hasPersonalPart);
    if (isCommitted && isKeepable) store.states?.keep(decider, stream, loaded);
    const isLastPage = page.length < pageEvents;
    if (isCommitted && isLastPage && decider.snapshots !== undefined)
      store.snapshots?.due.loaded(decider.snapshots, stream, loaded);
    loaded = advance(decider, loaded, page.slice(split));
    if (isLastPage) break;
    page = undefined;
  }
  folded?.set(decider, { ...loaded, isKeepable });
  return loaded;
}

/**
 * Tells whether a snapshot may save reading many events. How far a kept state lags behind is known
 * only for a locked stream.
 */
function isFarBehind(transaction: Queryable, stream: string, kept: bigint | undefined): boolean {
  if (kept === undefined) return true;
  const known = streamsOf(transaction).find(stream);
  return known?.locked === true && known.stored - kept > pageEvents;
}

/**
 * A state that may hold personal data is not kept, because it would outlive the erasure of its
 * subject. A state with a schema for snapshots holds none.
 */
const hasPersonalPart = ({ event }: RecordedEvent): boolean => event.personal !== undefined;

const advance = <Event extends DomainEvent, State>(
  decider: Folding<Event, State>,
  { state, version }: VersionedState<State>,
  events: readonly RecordedEvent[],
): VersionedState<State> => ({
  state: foldEvents(
    decider,
    events.map(({ event }) => event as Event),
    state,
  ),
  version: events.at(-1)?.version ?? version,
});

interface BegunLoad<State> {
  readonly from: VersionedState<State>;
  /** The events after `from` that were read in the same statement. */
  readonly events: readonly RecordedEvent[];
}

/**
 * Reads a stream's snapshot and the first events after it in one statement, or the first events of
 * a stream that has no snapshot. Returns undefined in one of these cases:
 *
 * - the domain or the store has no snapshots;
 * - the transaction has appended to the stream, or has loaded all of its events with its lock;
 * - the snapshot is damaged.
 */
async function beginFromSnapshot<Event extends DomainEvent, State>(
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
