import { AssertionError, deepStrictEqual } from 'node:assert';
import { isRejected, type Decider, type DomainEvent, type Rejected } from '@millrace/event-sourcing';

export interface When<Command, Event extends DomainEvent, State, Code extends string> {
  when(command: Command): Then<Event, State, Code>;
}

/** Each throws node's `AssertionError` with the difference. They return nothing, so that a test may end with one. */
export interface Then<Event extends DomainEvent, State, Code extends string> {
  /** Exactly these events, in this order; none: the command changes nothing and is not refused. */
  then(events: readonly Event[]): void;
  /** Refused with this code and, where given, exactly these details. */
  thenRejected(code: Code, details?: Readonly<Record<string, unknown>>): void;
  /** The state once the events of the command are folded in; a refusal leaves it as it was. */
  thenState(state: State): void;
}

/** A domain's test as a sentence: `given(account, [created, deposited(100)]).when(withdraw(121)).thenRejected('insufficient_funds')`. */
export const given = <Command, Event extends DomainEvent, State, Code extends string>(
  decider: Decider<Command, Event, State, Code>,
  events: readonly Event[] = [],
): When<Command, Event, State, Code> => ({
  when(command) {
    const before = fold(decider, decider.initialState, events);
    const outcome = decider.decide(command, before);
    return {
      then(expected) {
        if (typeof expected === 'function')
          throw new TypeError('when(...) is no promise: end it with .then(events), without await');
        deepStrictEqual(decidedEvents(outcome), expected);
      },
      thenRejected: (code, details) =>
        deepStrictEqual(rejectionOf(outcome, details), { rejected: code, ...(details && { details }) }),
      thenState: (state) =>
        deepStrictEqual(isRejected(outcome) ? before : fold(decider, before, outcome), state),
    };
  },
});

const fold = <Event extends DomainEvent, State>(
  decider: Pick<Decider<never, Event, State>, 'evolve'>,
  state: State,
  events: readonly Event[],
): State => events.reduce((folded, event) => decider.evolve(folded, event), state);

function decidedEvents<Event extends DomainEvent>(outcome: readonly Event[] | Rejected): readonly Event[] {
  if (!isRejected(outcome)) return outcome;
  throw new AssertionError({
    message: `expected events, but the command was rejected: ${outcome.rejected} ${JSON.stringify(outcome.details)}`,
  });
}

function rejectionOf(outcome: readonly DomainEvent[] | Rejected, details: unknown): unknown {
  if (isRejected(outcome))
    return { rejected: outcome.rejected, ...(details !== undefined && { details: outcome.details }) };
  const types = outcome.map((event) => event.type).join(', ') || 'no events';
  throw new AssertionError({ message: `expected a rejection, but the command gave ${types}` });
}
