import { AssertionError } from 'node:assert';
import { decisionOf, foldEvents, isRejected, type Decider, type DomainEvent } from '@millrace/event-sourcing';

export interface Played<Event, State> {
  readonly state: State;
  readonly events: readonly Event[];
}

export interface PlayOptions<Command> {
  /** Tells which commands are repeated at once and must then change nothing. All by default. */
  readonly repeatable?: (command: Command) => boolean;
}

/**
 * Gives a decider any commands, one after the other, as a property test does. Throws node's
 * `AssertionError` if a repeated command gives an event. `evolve` has to accept whatever `decide`
 * has emitted.
 */
export function playCommands<Command, Event extends DomainEvent, State, Code extends string, Call = never>(
  decider: Decider<Command, Event, State, Code, Call>,
  commands: readonly Command[],
  { repeatable = () => true }: PlayOptions<Command> = {},
): Played<Event, State> {
  let state = decider.initialState;
  const events: Event[] = [];
  const decide = (command: Command): readonly Event[] => {
    const outcome = decider.decide(command, state);
    return isRejected(outcome) ? [] : decisionOf<Event, Call>(outcome).events;
  };
  for (const command of commands) {
    const decided = decide(command);
    events.push(...decided);
    state = foldEvents(decider, decided, state);
    const again = repeatable(command) ? decide(command) : [];
    if (again.length > 0)
      throw new AssertionError({
        message: `repeated, ${JSON.stringify(command)} gives ${again.map(({ type }) => type).join(', ')}`,
      });
  }
  return { state, events };
}
