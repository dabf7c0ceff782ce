import type { Erased } from '@millrace/streaming-core/personal';

/**
 * A domain as three pure parts: the state of a stream without events, the decision about a command,
 * and the state after an event. `decide` returns the new events, or a refusal as a value; it never
 * throws for a command that the domain does not want. `Call` is the type of the calls that the
 * domain makes to external systems; most domains make none. Source: the decider pattern, J.
 * Chassaing, "Functional Event Sourcing Decider" (2021).
 *
 * @example
 * ```ts
 * import { rejected, type Decider } from '@millrace/event-sourcing';
 *
 * type Switch = { readonly type: 'SwitchOn' | 'SwitchOff' };
 * type Switched = { readonly type: 'SwitchedOn' | 'SwitchedOff' };
 *
 * export const lamp: Decider<Switch, Switched, { readonly on: boolean }, 'already_on'> = {
 *   initialState: { on: false },
 *   decide(command, { on }) {
 *     if (command.type === 'SwitchOff') return on ? [{ type: 'SwitchedOff' }] : [];
 *     return on ? rejected('already_on') : [{ type: 'SwitchedOn' }];
 *   },
 *   evolve: (_, event) => ({ on: event.type === 'SwitchedOn' }),
 * };
 * ```
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
  /**
   * Lets long streams be loaded from snapshots. Without it, a stream is folded from its first
   * event.
   */
  readonly snapshots?: StateSchema<State>;
}

/** How the state of a domain is written into a snapshot and read back. */
export interface StateSchema<State> {
  readonly name: string;
  /** A hash of the name, the version and the schema. Loads ignore snapshots with another hash. */
  readonly hash: string;
  /** Throws `state_not_storable` for a state that JSON would not restore exactly. */
  toJson(state: State): string;
  /** Throws `snapshot_damaged` for a value that is not a valid state. */
  fromJson(json: unknown): State;
}

/**
 * The new events of one stream. A domain that makes external calls may return a `Decision` instead.
 */
export type StreamDecision<Event extends DomainEvent, Call = never> = [Call] extends [never]
  ? readonly Event[]
  : readonly Event[] | Decision<readonly Event[], Call>;

/**
 * The events of a decision and the external calls that go with them. `Events` is one list for a
 * single stream, or a list for each of several streams by name.
 */
export interface Decision<Events, Call = never> {
  readonly events: Events;
  /** Calls to make to external systems once the events are committed. */
  readonly calls?: readonly Call[];
  /**
   * The id of the earlier command that the events answer. By default they answer the message that
   * is being handled.
   */
  readonly answers?: string;
}

/**
 * A fact that one stream records. `personal`, if present, holds all fields about a person, apart
 * from the others.
 */
export interface DomainEvent {
  readonly type: string;
  readonly personal?: PersonalPart | Erased;
}

/**
 * A part that names its subject, by a pseudonym, is stored sealed. After the erasure of the subject
 * it is read as `Erased`, so `evolve` has to expect both.
 */
export interface PersonalPart extends Readonly<Record<string, unknown>> {
  readonly subject?: string;
}

/**
 * A domain's refusal: a code and the facts that explain it. It is a value and not an error, so it
 * causes no retry.
 */
export interface Rejected<Code extends string = string> {
  readonly rejected: Code;
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * A refusal for `decide` to return, with the facts that explain it. In an HTTP request the caller
 * gets it back. In a message it becomes a `TerminalError`, and the message a dead letter.
 */
export const rejected = <const Code extends string>(
  code: Code,
  details: Readonly<Record<string, unknown>> = {},
): Rejected<Code> => ({
  rejected: code,
  details,
});

/** Accepts both what `decide` returns and what the functions that handle commands return. */
export const isRejected = (outcome: object): outcome is Rejected => 'rejected' in outcome;

/** Turns either form of a decider's result into a `Decision`. */
export const decisionOf = <Event extends DomainEvent, Call>(
  decided: readonly Event[] | Decision<readonly Event[], Call>,
): Decision<readonly Event[], Call> => ('events' in decided ? decided : { events: decided });

/** Ends every switch over a union. The compiler rejects a switch that leaves out a variant. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected variant: ${JSON.stringify(value)}`);
}

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

/**
 * Applies events to a state, in order, and returns the state after the last one. Without a state it
 * begins with the initial one.
 */
export const foldEvents = <Event extends DomainEvent, State>(
  decider: Folding<Event, State>,
  events: readonly NoInfer<Event>[],
  state: State = decider.initialState,
): State => events.reduce((folded, event) => decider.evolve(folded, event), state);
