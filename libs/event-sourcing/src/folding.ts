import type { Decider, DomainEvent } from './decider.ts';

/** What folding a stream needs of a decider. */
export type Folding<Event extends DomainEvent, State> = Pick<
  Decider<never, Event, State>,
  'initialState' | 'evolve' | 'snapshots'
>;

export type AnyFolding = Folding<DomainEvent, unknown>;

export interface VersionedState<State> {
  readonly state: State;
  /** 0 when the stream has no event, or had none then. */
  readonly version: bigint;
}

export const foldEvents = <Event extends DomainEvent, State>(
  decider: Folding<Event, State>,
  events: readonly Event[],
  state: State = decider.initialState,
): State => events.reduce((folded, event) => decider.evolve(folded, event), state);
