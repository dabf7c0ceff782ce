import type { Decider, DomainEvent } from './decider.ts';

/** The part of a decider that is needed to fold a stream. */
export type Folding<Event extends DomainEvent, State> = Pick<
  Decider<never, Event, State>,
  'initialState' | 'evolve' | 'snapshots'
>;

export type AnyFolding = Folding<DomainEvent, unknown>;

export interface VersionedState<State> {
  readonly state: State;
  /** 0 if the stream has no events, or had none at the time in question. */
  readonly version: bigint;
}

export const foldEvents = <Event extends DomainEvent, State>(
  decider: Folding<Event, State>,
  events: readonly Event[],
  state: State = decider.initialState,
): State => events.reduce((folded, event) => decider.evolve(folded, event), state);
