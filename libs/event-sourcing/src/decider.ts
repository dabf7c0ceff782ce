/** A domain as three pure things. Source: the decider pattern, J. Chassaing, "Functional Event Sourcing Decider" (2021). */
export interface Decider<Command, Event extends DomainEvent, State, Code extends string = string> {
  readonly initialState: State;
  decide(command: Command, state: State): readonly Event[] | Rejected<Code>;
  evolve(state: State, event: Event): State;
}

/** A past fact of one stream. `personal`, where present, holds every field about a person, apart from the rest (DESIGN 3.1). */
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

/** The end of every switch over a union: what reaches it does not typecheck. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected variant: ${JSON.stringify(value)}`);
}
