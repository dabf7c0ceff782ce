/**
 * A domain as three pure things. `Call` is what the domain asks of external systems; most ask nothing.
 * Source: the decider pattern, J. Chassaing, "Functional Event Sourcing Decider" (2021).
 */
export interface Decider<
  Command,
  Event extends DomainEvent,
  State,
  Code extends string = string,
  Call = never,
> {
  readonly initialState: State;
  decide(command: Command, state: State): StreamDecision<Event, Call> | Rejected<Code>;
  evolve(state: State, event: Event): State;
  /** Lets long streams be loaded from snapshots. A stream of a domain without it is folded from its first event. */
  readonly snapshots?: StateSchema<State>;
}

/** How the state of a domain is written into a snapshot and read back. */
export interface StateSchema<State> {
  readonly name: string;
  /** Of name, version and schema: a snapshot with another hash is not read. */
  readonly hash: string;
  /** Throws `state_not_storable` for a state that would not come back from JSON exactly as it is. */
  toJson(state: State): string;
  /** Throws `snapshot_damaged` for what is not a state. */
  fromJson(json: unknown): State;
}

/** New events of one stream. A domain that asks external systems may return a `Decision` instead. */
export type StreamDecision<Event extends DomainEvent, Call = never> = [Call] extends [never]
  ? readonly Event[]
  : readonly Event[] | Decision<readonly Event[], Call>;

/** Events and what goes with them. `Events` are those of one stream, or of several by name. */
export interface Decision<Events, Call = never> {
  readonly events: Events;
  /** What to ask of external systems once the events are committed. */
  readonly calls?: readonly Call[];
  /** Id of the earlier command that the events answer. By default they answer the message that is being handled. */
  readonly answers?: string;
}

/** A past fact of one stream. `personal`, where present, holds every field about a person, apart from the rest. */
export interface DomainEvent {
  readonly type: string;
  readonly personal?: Readonly<Record<string, unknown>>;
}

/** A domain's refusal: a named code and the facts that explain it. A value, not an error: nothing is retried because of it. */
export interface Rejected<Code extends string = string> {
  readonly rejected: Code;
  readonly details: Readonly<Record<string, unknown>>;
}

export const rejected = <const Code extends string>(
  code: Code,
  details: Readonly<Record<string, unknown>> = {},
): Rejected<Code> => ({
  rejected: code,
  details,
});

/** For what `decide` returns and for what the functions that handle commands return. */
export const isRejected = (outcome: object): outcome is Rejected => 'rejected' in outcome;

/** The long form of what a decider returned. */
export const decisionOf = <Event extends DomainEvent, Call>(
  decided: readonly Event[] | Decision<readonly Event[], Call>,
): Decision<readonly Event[], Call> => ('events' in decided ? decided : { events: decided });

/** The end of every switch over a union: what reaches it does not typecheck. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected variant: ${JSON.stringify(value)}`);
}
