import { AssertionError, deepStrictEqual } from 'node:assert';
import {
  decisionOf,
  foldEvents,
  isRejected,
  type Decider,
  type Decision,
  type DomainEvent,
  type Rejected,
} from '@millrace/event-sourcing';

export interface When<Command, Event extends DomainEvent, State, Code extends string, Call> {
  when(command: Command): Then<Event, State, Code, Call>;
}

/**
 * Each method throws node's `AssertionError` with the difference. They return nothing, so that a
 * test may end with one.
 */
export interface Then<Event extends DomainEvent, State, Code extends string, Call> {
  /**
   * Expects exactly these events, in this order. An empty list means that the command changes
   * nothing and is not rejected.
   */
  then(events: readonly Event[]): void;
  /** Expects exactly these calls to external systems, in this order. */
  thenCalls(calls: readonly Call[]): void;
  /**
   * Expects the events to answer the earlier command of this id, or the given command if it is
   * undefined.
   */
  thenAnswers(commandId: string | undefined): void;
  /** Expects a rejection with this code and, if given, exactly these details. */
  thenRejected(code: Code, details?: Readonly<Record<string, unknown>>): void;
  /**
   * Expects this state once the events of the command are folded in. A rejection leaves the state
   * as it was.
   */
  thenState(state: State): void;
}

/**
 * Writes a test of a domain as a sentence, without a database or a clock. Each expectation throws
 * node's `AssertionError` with the difference. It is not a promise: `await` before it
 * throws `TypeError`.
 *
 * @example
 * ```ts
 * import { given } from '@millrace/testing';
 *
 * given(room, [{ type: 'Booked', roomId: 'room-1' }])
 *   .when({ type: 'Book', roomId: 'room-1' })
 *   .thenRejected('room_taken');
 * ```
 */
export const given = <Command, Event extends DomainEvent, State, Code extends string, Call = never>(
  decider: Decider<Command, Event, State, Code, Call>,
  events: readonly Event[] = [],
): When<Command, Event, State, Code, Call> => ({
  when(command) {
    const before = foldEvents(decider, events);
    const decided = decider.decide(command, before);
    const outcome = isRejected(decided) ? decided : decisionOf<Event, Call>(decided);
    return {
      then(expected) {
        if (typeof expected === 'function')
          throw new TypeError('when(...) is not a promise: end it with .then(events), without await');
        deepStrictEqual(accepted(outcome).events, expected);
      },
      thenCalls: (calls) => deepStrictEqual(accepted(outcome).calls ?? [], calls),
      thenAnswers: (commandId) => deepStrictEqual(accepted(outcome).answers, commandId),
      thenRejected: (code, details) =>
        deepStrictEqual(rejectionOf(outcome, details), { rejected: code, ...(details && { details }) }),
      thenState: (state) =>
        deepStrictEqual(isRejected(outcome) ? before : foldEvents(decider, outcome.events, before), state),
    };
  },
});

function accepted<Outcome extends object>(outcome: Outcome | Rejected): Exclude<Outcome, Rejected> {
  if (!isRejected(outcome)) return outcome as Exclude<Outcome, Rejected>;
  throw new AssertionError({
    message: `expected events, but the command was rejected: ${outcome.rejected} ${JSON.stringify(outcome.details)}`,
  });
}

function rejectionOf(
  outcome: Decision<readonly DomainEvent[], unknown> | Rejected,
  details: unknown,
): unknown {
  if (isRejected(outcome))
    return { rejected: outcome.rejected, ...(details !== undefined && { details: outcome.details }) };
  const types = outcome.events.map((event) => event.type).join(', ') || 'no events';
  throw new AssertionError({ message: `expected a rejection, but the command gave ${types}` });
}
