import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import type { DomainEvent } from './decider.ts';
import type { EventStore, ReadOptions, RecordedEvent } from './event-store.ts';
import { foldEvents, type Folding, type VersionedState } from './folding.ts';
import { streamsOf } from './transaction-streams.ts';

const pageEvents = 1_000;

/**
 * The state of a stream now, as of a version or as of a moment (both inclusive), with what this transaction has appended. Reads page by page, so
 * a stream may be of any length; events are append only, so the pages fit together whatever is written meanwhile. Goes on from what the
 * transaction has folded, or from the store's kept state, where there is one.
 */
export async function loadState<Event extends DomainEvent, State>(
  transaction: SqlTransaction,
  store: EventStore,
  decider: Folding<Event, State>,
  stream: string,
  asOf: Pick<ReadOptions, 'toVersion' | 'at'> = {},
): Promise<VersionedState<State>> {
  const isNow = asOf.toVersion === undefined && asOf.at === undefined;
  const streams = streamsOf(transaction);
  const folded = isNow
    ? (streams.find(stream)?.folded as Map<unknown, VersionedState<State>> | undefined)
    : undefined;
  const states = isNow ? store.states : undefined;
  let loaded = folded?.get(decider) ??
    states?.find(decider, stream) ?? { state: decider.initialState, version: 0n };
  for (;;) {
    const page = await store.read(transaction, stream, {
      ...asOf,
      fromVersion: loaded.version + 1n,
      limit: pageEvents,
    });
    const committed = streams.committedVersion(stream, page.at(-1)?.version ?? loaded.version);
    const own = committed === undefined ? 0 : page.findIndex(({ version }) => version > committed);
    const split = own === -1 ? page.length : own;
    loaded = advance(decider, loaded, page.slice(0, split));
    if (committed !== undefined && loaded.version <= committed) states?.keep(decider, stream, loaded);
    loaded = advance(decider, loaded, page.slice(split));
    if (page.length < pageEvents) break;
  }
  folded?.set(decider, loaded);
  return loaded;
}

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
