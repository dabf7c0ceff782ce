import { deepStrictEqual } from 'node:assert';
import type { SagaEvent } from '../decision/events.ts';
import { evolve } from '../decision/evolve.ts';
import { awaited, isLive, openWaits, tokenOf, type SagaState } from '../decision/state.ts';
import { openDeadline, waitToken } from '../decision/timers.ts';
import { stepOf, stepsOf, type SagaDefinition } from '../definition/definition.ts';

const must = (holds: boolean, what: string): void => {
  if (!holds) throw new TypeError(what);
};

/**
 * Expects that a saga that has not ended has a command, a wait or a delay unless it is paused, and exactly
 * their timers and that of its deadline. A saga that has ended has none.
 */
export function expectLive(definition: SagaDefinition, state: SagaState, timers: ReadonlySet<string>): void {
  const isPaused = state.status !== 'absent' && state.paused !== undefined;
  const waits = [
    ...awaited(state).map(({ exchange }) => tokenOf(exchange)),
    ...openWaits(state).map(({ wait }) => waitToken(wait.waitId)),
  ];
  const deadline = openDeadline(definition, state);
  must(!isLive(state) || isPaused || waits.length > 0, `the saga is ${state.status} and waits for nothing`);
  const due = isPaused ? [] : [...waits, ...(deadline === undefined ? [] : [waitToken(deadline.id)])];
  deepStrictEqual(
    [...timers].toSorted(),
    due.toSorted(),
    'the timers are not those of what the saga waits for',
  );
}

interface Played {
  readonly state: SagaState;
  readonly events: readonly SagaEvent[];
}

/** Expects what must hold for the history of a saga at each moment. */
export function expectHistory(definition: SagaDefinition, { state, events }: Played): void {
  deepStrictEqual(
    events.reduce(evolve, { status: 'absent' } as SagaState),
    state,
    'the events fold differently',
  );
  const ends = events.filter(({ type }) => type === 'SagaCompleted' || type === 'SagaCompensated').length;
  must(ends === (state.status === 'completed' || state.status === 'compensated' ? 1 : 0), `${ends} ends`);
  expectOneId(events);
  expectEndedOnce(events);
  expectReverse(definition, events);
}

/** Expects that each purpose of sending has one command id, which no other purpose has. */
function expectOneId(events: readonly SagaEvent[]): void {
  const sent = events.filter((event) => event.type === 'CommandSent' || event.type === 'CommandResent');
  const purposes = new Set(sent.map(({ role, step }) => `${role} ${step}`)).size;
  must(new Set(sent.map(({ commandId }) => commandId)).size === purposes, 'a command has another id');
  must(
    new Set(sent.map(({ role, step, commandId }) => `${role} ${step} ${commandId}`)).size === purposes,
    'two commands have one id',
  );
}

function expectEndedOnce(events: readonly SagaEvent[]): void {
  const ended = events.flatMap((event) =>
    event.type === 'MessageReceived' || event.type === 'MessageRefused' || event.type === 'WaitOver'
      ? [event.wait]
      : [],
  );
  must(new Set(ended).size === ended.length, `a wait has ended twice: ${ended.join(', ')}`);
}

/**
 * Expects that the compensation starts at most once, never after the pivot was accepted, and undoes what
 * was sent and not rejected, the last one first, each after the one before is undone.
 */
function expectReverse(definition: SagaDefinition, events: readonly SagaEvent[]): void {
  const started = events.findIndex(({ type }) => type === 'CompensationStarted');
  const isPivot = (step: string) => stepOf(definition, step)?.kind === 'pivot';
  const canBeUndone = (step: string) => stepOf(definition, step)?.kind === 'compensatable';
  const undoings = events.filter((event) => event.type === 'CommandSent' && event.role === 'compensation');
  if (started < 0)
    return must(undoings.length === 0, 'a step is undone although the saga was not compensated');
  const after = events.slice(started + 1);
  must(!after.some(({ type }) => type === 'CompensationStarted'), 'the compensation started twice');
  must(
    !events.some((event) => event.type === 'CommandAccepted' && event.role === 'step' && isPivot(event.step)),
    'the saga was compensated although its pivot was accepted',
  );
  let left = events
    .slice(0, started)
    .flatMap((event) => (event.type === 'CommandSent' && canBeUndone(event.step) ? [event.step] : []));
  const rejected = new Set<string>();
  let undoing: string | undefined;
  for (const event of events) {
    if (event.type === 'CommandRejected') rejected.add(event.step);
    if (event.type === 'CommandAccepted' && event.role === 'compensation' && event.step === undoing)
      undoing = undefined;
    if (event.type !== 'CommandSent' || !after.includes(event)) continue;
    must(event.role !== 'step', `${event.step} is sent although the saga is being compensated`);
    must(undoing === undefined, `${event.step} follows before ${undoing} is undone`);
    const last = left.findLast((step) => !rejected.has(step));
    must(
      event.role === 'closing' ? last === undefined : event.step === last,
      `${last} is due, not ${event.step}`,
    );
    if (event.role === 'compensation') undoing = event.step;
    left = left.filter((step) => step !== event.step);
  }
}

/** Expects that the saga has ended, and that its participants have done everything or nothing. */
export function expectOver(
  definition: SagaDefinition,
  { state, events, effects }: Played & { readonly effects: ReadonlyMap<string, string> },
): void {
  must(state.status === 'completed' || state.status === 'compensated', `the saga is still ${state.status}`);
  expectHistory(definition, { state, events });
  const sent = new Set(
    events.flatMap((event) => (event.type === 'CommandSent' && event.role === 'step' ? [event.step] : [])),
  );
  for (const { name, kind } of stepsOf(definition).filter((step) => sent.has(step.name))) {
    const effect = effects.get(name) ?? 'none';
    const isDone = effect === 'done';
    // Nothing undoes a step that only informs.
    if (kind !== 'retriable' || state.status === 'completed')
      must(isDone === (state.status === 'completed'), `the saga is ${state.status} and ${name} is ${effect}`);
  }
}
