import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import type { Decider, DomainEvent } from './decider.ts';
import type { EventStore, ReadOptions } from './event-store.ts';
import { isWritten } from './state-cache.ts';

export interface VersionedState<State> {
  readonly state: State;
  /** 0 when the stream has no event, or had none then. */
  readonly version: bigint;
}

/** What folding a stream needs of a decider. */
export type Folding<Event extends DomainEvent, State> = Pick<Decider<never, Event, State>, 'initialState' | 'evolve'>;

const pageEvents = 1_000;

export const foldEvents = <Event extends DomainEvent, State>(
  decider: Folding<Event, State>,
  events: readonly Event[],
  state: State = decider.initialState,
): State => events.reduce((folded, event) => decider.evolve(folded, event), state);

/**
 * The state of a stream now, as of a version or as of a moment (both inclusive). Reads page by page, so a stream may be of any length;
 * events are append only, so the pages fit together whatever is written meanwhile. Goes on from the store's kept state where there is one.
 */
export async function loadState<Event extends DomainEvent, State>(
  transaction: SqlTransaction,
  store: EventStore,
  decider: Folding<Event, State>,
  stream: string,
  asOf: Pick<ReadOptions, 'toVersion' | 'at'> = {},
): Promise<VersionedState<State>> {
  const states = asOf.toVersion === undefined && asOf.at === undefined ? store.states : undefined;
  let loaded: VersionedState<State> = states?.find(decider, stream) ?? { state: decider.initialState, version: 0n };
  for (;;) {
    const page = await store.read(transaction, stream, { ...asOf, fromVersion: loaded.version + 1n, limit: pageEvents });
    const events = page.map(({ event }) => event as Event);
    loaded = { state: foldEvents(decider, events, loaded.state), version: page.at(-1)?.version ?? loaded.version };
    if (page.length < pageEvents) break;
  }
  if (!isWritten(transaction, stream)) states?.keep(decider, stream, loaded);
  return loaded;
}
