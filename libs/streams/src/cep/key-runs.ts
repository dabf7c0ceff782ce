import { takeMatches } from './after-match.ts';
import type { AfterMatch, PatternDefinition, PatternStep } from './pattern-definition.ts';
import { patternStates, type PatternStates } from './pattern-states.ts';
import { nextRuns, type PlacedEvent, type Run, type TakenEvent } from './run.ts';
import { RunQueue } from './run-queue.ts';

/** A pattern that is ready to run. */
export interface RunnablePattern<T> {
  readonly steps: readonly PatternStep<T>[];
  readonly states: PatternStates<T>;
  readonly withinMs: number | undefined;
  readonly afterMatch: AfterMatch;
  /** How many open runs a key may have, and how many complete ones that still wait. */
  readonly runsMax: number;
}

export const runnable = <T>(definition: PatternDefinition<T>, runsMax: number): RunnablePattern<T> => ({
  steps: definition.steps,
  states: patternStates(definition),
  withinMs: definition.withinMs,
  afterMatch: definition.afterMatch,
  runsMax,
});

/** The matches of a key, and the runs that have ended without one. */
export interface Progress<T> {
  readonly matches: readonly TakenEvent<T>[];
  readonly timedOut: readonly TakenEvent<T>[];
  /** How many runs were given up because the key had too many. */
  readonly dropped: number;
}

/** The runs of one key. */
export class KeyRuns<T> {
  readonly #pattern: RunnablePattern<T>;
  #open: RunQueue<T>;
  readonly #complete: RunQueue<T>;

  /** Without open runs, it begins with the run that waits for its first event. */
  constructor(pattern: RunnablePattern<T>, open: readonly Run<T>[] = [], complete: readonly Run<T>[] = []) {
    const waiting = { state: pattern.states.start, last: undefined, first: undefined };
    this.#pattern = pattern;
    this.#open = new RunQueue(open.length === 0 ? [waiting] : open);
    this.#complete = new RunQueue(complete);
  }

  get open(): Iterable<Run<T>> {
    return this.#open;
  }

  get complete(): Iterable<Run<T>> {
    return this.#complete;
  }

  /** True if no partial match is open or waits. */
  get isIdle(): boolean {
    return this.#open.size === 1 && this.#complete.size === 0;
  }

  /** When the oldest open run times out. Undefined if none will. */
  get deadlineMs(): number | undefined {
    const oldest = this.#open.first?.first;
    const { withinMs } = this.#pattern;
    return oldest === undefined || withinMs === undefined ? undefined : oldest.timeMs + withinMs;
  }

  /** Shows the next event to all runs. */
  take(event: PlacedEvent<T>): Progress<T> {
    const open = new RunQueue<T>();
    const complete = new RunQueue<T>();
    for (const run of this.#open) {
      const next = nextRuns(run, event);
      for (const each of next) if (each.state.kind === 'final') complete.add(each);
      if (next.some(({ state }) => state.kind === 'stop')) continue;
      for (const each of next) if (each.state.kind !== 'final') open.add(each);
    }
    this.#open = open;
    return this.#settle(complete, []);
  }

  /**
   * Ends the runs that began `within` ago. A run that waited for the absence of an event is now
   * complete.
   */
  expire(nowMs: number): Progress<T> {
    if (nowMs < (this.deadlineMs ?? Infinity)) return { matches: [], timedOut: [], dropped: 0 };
    const open = new RunQueue<T>();
    const complete = new RunQueue<T>();
    const timedOut: TakenEvent<T>[] = [];
    const { withinMs = Infinity } = this.#pattern;
    for (const run of this.#open) {
      if (run.first === undefined || nowMs - run.first.timeMs < withinMs) open.add(run);
      else if (run.state.kind === 'pending') complete.add(run);
      else timedOut.push(run.last!);
    }
    this.#open = open;
    return this.#settle(complete, timedOut);
  }

  #settle(complete: RunQueue<T>, timedOut: readonly TakenEvent<T>[]): Progress<T> {
    const { afterMatch, runsMax } = this.#pattern;
    for (const run of complete) this.#complete.add(run);
    // The run that waits for its first event comes last and does not count.
    let dropped = dropOldest(this.#open, runsMax + 1);
    const matches = takeMatches(afterMatch, this.#open, this.#complete);
    dropped += dropOldest(this.#complete, runsMax);
    return { matches, timedOut, dropped };
  }
}

function dropOldest<T>(runs: RunQueue<T>, max: number): number {
  const dropped = Math.max(0, runs.size - max);
  for (let left = dropped; left > 0; left -= 1) runs.takeFirst();
  return dropped;
}
