import type { PatternDefinition, PatternStep } from './pattern-definition.ts';

/** What the conditions of a step say about the event that a run is asked about. */
export interface Question<T> {
  matches(step: PatternStep<T>): boolean;
  /** Whether the step's `until` holds. */
  isEnd(step: PatternStep<T>): boolean;
}

type Guard<T> = (question: Question<T>) => boolean;

/** A way from one state to another: with the event, past it, or (`proceed`) before it. */
export interface Transition<T> {
  readonly action: 'take' | 'ignore' | 'proceed';
  readonly source: PatternState<T>;
  readonly target: PatternState<T>;
  readonly isOpen: Guard<T>;
}

/** A state of the automaton. A run that reaches a `stop` state ends; `pending` waits for `within`. */
export interface PatternState<T> {
  /** Its place in the list of states, by which stored runs name it. */
  readonly index: number;
  readonly kind: 'normal' | 'final' | 'stop' | 'pending';
  /** The step that takes events here. Undefined in the final state. */
  readonly step: PatternStep<T> | undefined;
  readonly isStart: boolean;
  readonly transitions: Transition<T>[];
}

export interface PatternStates<T> {
  readonly all: readonly PatternState<T>[];
  readonly start: PatternState<T>;
}

/** Compiles a pattern into the same automaton, with the same order of transitions, as Flink does. */
export const patternStates = <T>(definition: PatternDefinition<T>): PatternStates<T> =>
  new Compiler(definition).compile();

const always = (): boolean => true;

/** Builds the states from the last step to the first. `sink` is the state that a step leads to. */
class Compiler<T> {
  readonly #steps: readonly PatternStep<T>[];
  readonly #all: PatternState<T>[] = [];
  readonly #stops = new Map<PatternStep<T>, PatternState<T>>();

  constructor({ steps }: PatternDefinition<T>) {
    this.#steps = steps;
  }

  compile(): PatternStates<T> {
    let sink = this.#state(undefined, 'final');
    for (let at = this.#steps.length - 1; at > 0; at -= 1) sink = this.#middle(at, sink);
    return { start: this.#taking(0, sink), all: this.#all };
  }

  #middle(at: number, sink: PatternState<T>): PatternState<T> {
    const step = this.#steps[at]!;
    if (step.contiguity === 'notNext') return this.#notNext(step, sink);
    if (step.contiguity !== 'notFollowedBy') return this.#taking(at, sink);
    return sink.kind === 'final' ? this.#notUntilTheEnd(step) : sink;
  }

  #notNext(step: PatternStep<T>, sink: PatternState<T>): PatternState<T> {
    const state = this.#state(step, 'normal');
    // The last step must see an event: it may not proceed to the end without one.
    connect(state, sink.kind === 'final' ? 'ignore' : 'proceed', sink, (asked) => !asked.matches(step));
    connect(state, 'proceed', this.#stop(step), (asked) => asked.matches(step));
    return state;
  }

  #notUntilTheEnd(step: PatternStep<T>): PatternState<T> {
    const state = this.#state(step, 'pending');
    connect(state, 'proceed', this.#stop(step), (asked) => asked.matches(step));
    connect(state, 'ignore', state, (asked) => !asked.matches(step));
    return state;
  }

  #taking(at: number, sink: PatternState<T>): PatternState<T> {
    const { times } = this.#steps[at]!;
    const state =
      times === 'oneOrMore'
        ? this.#first(at, this.#loop(at, this.#withoutNots(at, sink)), sink)
        : this.#first(at, this.#further(at, sink, (times ?? 1) - 1), sink);
    this.#addStops(at, state);
    return state;
  }

  /** The state that takes the first event of a step, or passes over the step if it is optional. */
  #first(at: number, sink: PatternState<T>, after: PatternState<T>): PatternState<T> {
    const step = this.#steps[at]!;
    const state = this.#state(step, 'normal', at === 0);
    const target = this.#withoutNots(at, sink);
    const takes = takesFirst(step);
    connect(state, 'take', target, takes);
    if (step.isOptional) connect(state, 'proceed', after, always);
    if (step.contiguity === 'next') return state;
    const ignores: Guard<T> = step.contiguity === 'followedByAny' ? always : (asked) => !asked.matches(step);
    if (!step.isOptional) {
      connect(state, 'ignore', state, ignores);
      return state;
    }
    // Once an event was passed over for this step, the step is no longer optional for the run.
    const waiting = this.#state(step, 'normal');
    connect(waiting, 'take', target, takes);
    connect(waiting, 'ignore', waiting, ignores);
    this.#addStops(at, waiting);
    connect(state, 'ignore', waiting, ignores);
    return state;
  }

  /** The states for the further events of `times(n)`. */
  #further(at: number, sink: PatternState<T>, count: number): PatternState<T> {
    const step = this.#steps[at]!;
    let next = sink;
    for (let left = count; left > 0; left -= 1) {
      const state = this.#state(step, 'normal');
      connect(state, 'take', this.#withoutNots(at, next), (asked) => asked.matches(step));
      connect(state, 'ignore', state, (asked) => !asked.matches(step));
      this.#addStopOfNext(at, state);
      next = state;
    }
    return next;
  }

  /** The state for the further events of `oneOrMore`. */
  #loop(at: number, sink: PatternState<T>): PatternState<T> {
    const step = this.#steps[at]!;
    const takes = takesFirst(step);
    const ignores: Guard<T> = (asked) => !asked.isEnd(step) && !asked.matches(step);
    const state = this.#state(step, 'normal');
    connect(state, 'proceed', sink, always);
    connect(state, 'take', state, takes);
    this.#addStopOfNext(at, state);
    const waiting = this.#state(step, 'normal');
    connect(waiting, 'take', state, takes);
    connect(waiting, 'ignore', waiting, ignores);
    connect(state, 'ignore', waiting, ignores);
    this.#addStopOfNext(at, waiting);
    return state;
  }

  /** The `notFollowedBy` steps that forbid events before this step takes its first one. */
  #notsBefore(at: number): readonly PatternStep<T>[] {
    const nots: PatternStep<T>[] = [];
    for (let earlier = at - 1; earlier >= 0; earlier -= 1) {
      const step = this.#steps[earlier]!;
      if (step.contiguity === 'notFollowedBy') nots.push(step);
      else if (!step.isOptional) break;
    }
    return nots;
  }

  #addStops(at: number, state: PatternState<T>): void {
    for (const not of this.#notsBefore(at))
      connect(state, 'proceed', this.#stop(not), (asked) => asked.matches(not));
  }

  #addStopOfNext(at: number, state: PatternState<T>): void {
    const next = this.#steps[at + 1];
    if (next?.contiguity === 'notFollowedBy')
      connect(state, 'proceed', this.#stop(next), (asked) => asked.matches(next));
  }

  /**
   * The sink for a run in which this optional step took an event: what was forbidden before the
   * event is allowed after it.
   */
  #withoutNots(at: number, sink: PatternState<T>): PatternState<T> {
    const nots = this.#notsBefore(at);
    if (nots.length === 0 || !this.#steps[at]!.isOptional) return sink;
    const copy = this.#state(sink.step, sink.kind);
    for (const { action, target, isOpen } of sink.transitions) {
      const isLifted = action === 'proceed' && target.kind === 'stop' && nots.includes(target.step!);
      if (isLifted) continue;
      const isCopied = action === 'proceed' && target.kind !== 'stop';
      const next = isCopied ? this.#withoutNots(at, target) : target;
      connect(copy, action, action !== 'proceed' && target === sink ? copy : next, isOpen);
    }
    return copy;
  }

  /** All states from which a run may stop because of a step share its stop state. */
  #stop(step: PatternStep<T>): PatternState<T> {
    const existing = this.#stops.get(step);
    if (existing !== undefined) return existing;
    const state = this.#state(step, 'stop');
    connect(state, 'take', state, (asked) => asked.matches(step));
    this.#stops.set(step, state);
    return state;
  }

  #state(step: PatternStep<T> | undefined, kind: PatternState<T>['kind'], isStart = false): PatternState<T> {
    const state = { index: this.#all.length, kind, step, isStart, transitions: [] };
    this.#all.push(state);
    return state;
  }
}

const takesFirst =
  <T>(step: PatternStep<T>): Guard<T> =>
  (asked) =>
    !asked.isEnd(step) && asked.matches(step);

function connect<T>(
  source: PatternState<T>,
  action: Transition<T>['action'],
  target: PatternState<T>,
  isOpen: Guard<T>,
): void {
  source.transitions.push({ action, source, target, isOpen });
}
