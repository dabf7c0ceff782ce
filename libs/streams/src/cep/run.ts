import type { PatternStep, SoFar, UntypedCondition } from './pattern-definition.ts';
import type { PatternState, Question, Transition } from './pattern-states.ts';

/** An event of one key, in its place among all others. */
export interface PlacedEvent<T> {
  /** Unix time in milliseconds. */
  readonly timeMs: number;
  /** Orders events of the same time by their arrival. */
  readonly sequence: number;
  readonly value: T;
}

/** An event that a run has taken, and those before it. Runs that began alike share the beginning. */
export interface TakenEvent<T> {
  readonly step: PatternStep<T>;
  readonly event: PlacedEvent<T>;
  readonly before: TakenEvent<T> | undefined;
}

/** A partial match: the state that it has reached, and the events that it has taken. */
export interface Run<T> {
  readonly state: PatternState<T>;
  readonly last: TakenEvent<T> | undefined;
  /** The event that it began with. Undefined in the run that waits for its first event. */
  readonly first: PlacedEvent<T> | undefined;
}

/** The events of a match by step: one event, or a list if the step may take several. */
export type UntypedMatch<T> = Readonly<Record<string, T | readonly T[]>>;

/**
 * Returns what a run becomes with the next event: nothing if it ends, several runs if there are
 * several ways to go on. The run that waits for its first event stays, as the last of them.
 */
export function nextRuns<T>(run: Run<T>, event: PlacedEvent<T>): readonly Run<T>[] {
  const question = new RunQuestion(run, event.value);
  const runs: Run<T>[] = [];
  for (const { action, source, target } of openTransitions(run.state, question)) {
    if (action === 'ignore') {
      if (!run.state.isStart) runs.push({ state: target, last: run.last, first: run.first });
      continue;
    }
    const last = { step: source.step!, event, before: run.last };
    const first = run.first ?? event;
    runs.push({ state: target, last, first });
    const end = finalAfter(target, question);
    if (end !== undefined) runs.push({ state: end, last, first });
  }
  if (run.state.isStart) runs.push(run);
  return runs;
}

/** The transitions that take or ignore the event, from the state and all that it proceeds to. */
function openTransitions<T>(from: PatternState<T>, question: Question<T>): readonly Transition<T>[] {
  const open: Transition<T>[] = [];
  const states = [from];
  for (let state = states.pop(); state !== undefined; state = states.pop()) {
    for (const transition of state.transitions) {
      if (!transition.isOpen(question)) continue;
      if (transition.action === 'proceed') states.push(transition.target);
      else open.push(transition);
    }
  }
  return open;
}

/** The final state if nothing but optional steps is left, so that the match is complete. */
function finalAfter<T>(from: PatternState<T>, question: Question<T>): PatternState<T> | undefined {
  const states = [from];
  for (let state = states.pop(); state !== undefined; state = states.pop()) {
    for (const { action, target, isOpen } of state.transitions) {
      if (action !== 'proceed' || !isOpen(question)) continue;
      if (target.kind === 'final') return target;
      states.push(target);
    }
  }
  return undefined;
}

/** The answers of one run about one event. Taking and ignoring ask the same, so the last answer is kept. */
class RunQuestion<T> implements Question<T> {
  readonly #event: T;
  readonly #soFar: RunSoFar<T>;
  #matchedStep: PatternStep<T> | undefined;
  #matches = false;
  #endedStep: PatternStep<T> | undefined;
  #isEnd = false;

  constructor(run: Run<T>, event: T) {
    this.#event = event;
    this.#soFar = new RunSoFar(run.last);
  }

  matches(step: PatternStep<T>): boolean {
    if (this.#matchedStep === step) return this.#matches;
    this.#matchedStep = step;
    this.#matches = step.conditions.every((condition) => this.#ask(step, condition));
    return this.#matches;
  }

  isEnd(step: PatternStep<T>): boolean {
    if (step.until === undefined) return false;
    if (this.#endedStep === step) return this.#isEnd;
    this.#endedStep = step;
    this.#isEnd = this.#ask(step, step.until);
    return this.#isEnd;
  }

  #ask(step: PatternStep<T>, condition: UntypedCondition<T>): boolean {
    this.#soFar.step = step;
    return condition(this.#event, this.#soFar);
  }
}

/** What a condition sees of a run, read only if it looks. */
class RunSoFar<T> implements SoFar<T | undefined, UntypedMatch<T>> {
  readonly #last: TakenEvent<T> | undefined;
  /** The step whose condition is asked. */
  step: PatternStep<T> | undefined;

  constructor(last: TakenEvent<T> | undefined) {
    this.#last = last;
  }

  get previous(): T | undefined {
    return this.#last?.event.value;
  }

  get taken(): UntypedMatch<T> {
    const own = this.step;
    return { ...(own?.times !== undefined && { [own.name]: [] }), ...matchOf(this.#last) };
  }
}

/** The events that a run has taken, beginning with the first. */
export function takenUpTo<T>(last: TakenEvent<T> | undefined): readonly TakenEvent<T>[] {
  const path: TakenEvent<T>[] = [];
  for (let taken = last; taken !== undefined; taken = taken.before) path.push(taken);
  return path.reverse();
}

/** Orders events by their times, and by their arrival if the times are equal. */
export const compareEvents = <T>(one: PlacedEvent<T>, other: PlacedEvent<T>): number =>
  one.timeMs - other.timeMs || one.sequence - other.sequence;

/** The events that were taken, by the names of their steps and in the order of the steps. */
export function matchOf<T>(last: TakenEvent<T> | undefined): UntypedMatch<T> {
  const lists = new Map<string, T[]>();
  const match = new Map<string, T | readonly T[]>();
  for (const { step, event } of takenUpTo(last)) {
    const list = lists.get(step.name) ?? [];
    if (list.length === 0) lists.set(step.name, list);
    list.push(event.value);
    match.set(step.name, step.times === undefined ? event.value : list);
  }
  return Object.fromEntries(match);
}
