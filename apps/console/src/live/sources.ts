import { Injectable } from '@nestjs/common';
import { systemClock } from '@millrace/streaming-core/runtime';
import {
  catchError,
  defer,
  exhaustMap,
  filter,
  finalize,
  from,
  map,
  of,
  ReplaySubject,
  scan,
  share,
  tap,
  timer,
  type Observable,
} from 'rxjs';
import type { Failure } from '../api/shown.ts';

/** The latest value of a source that is read repeatedly. */
export interface Reading<Value> {
  /** The value; absent until a read has succeeded. */
  readonly value?: Value;
  /**
   * The reason why the last read failed, and the time since which reads have failed. The value is
   * then an earlier one.
   */
  readonly failure?: Failure;
}

export interface Source<Value> {
  readonly everyMs: number;
  /**
   * Whether to read less often once the value has stayed the same for a while. By default it does
   * not.
   */
  readonly quiet?: Quiet;
  readonly read: () => Promise<Value>;
}

interface Quiet {
  readonly afterMs: number;
  readonly everyMs: number;
}

/**
 * How long reads continue after the last follower has left, so that a change of pages does not
 * begin them again.
 */
const lingerMs = 3_000;

/**
 * The sources that pages follow, by name. A source is read only while it has a follower, and never
 * twice at the same time, however many pages are open. A new follower gets the latest reading at
 * once.
 */
@Injectable()
export class Sources {
  readonly #open = new Map<string, Observable<Reading<unknown>>>();

  follow<Value>(name: string, source: Source<Value>): Observable<Reading<Value>> {
    const open = this.#open.get(name) ?? this.#start(name, source);
    return open as Observable<Reading<Value>>;
  }

  #start<Value>(name: string, { read, everyMs, quiet }: Source<Value>): Observable<Reading<Value>> {
    const pace = quiet && new Pace(quiet);
    const readings = defer(() => timer(0, everyMs)).pipe(
      filter(() => pace?.isDue() !== false),
      exhaustMap(() =>
        from(read()).pipe(
          tap((value) => pace?.note(value)),
          map((value): Reading<Value> => ({ value })),
          catchError((error: unknown) => of(failed<Value>(error))),
        ),
      ),
      scan((before: Reading<Value>, { value, failure }): Reading<Value> =>
        failure === undefined
          ? { value }
          : { value: before.value, failure: { ...failure, since: before.failure?.since ?? failure.since } },
      ),
      finalize(() => this.#open.delete(name)),
      share({ connector: () => new ReplaySubject(1), resetOnRefCountZero: () => timer(lingerMs) }),
    );
    this.#open.set(name, readings);
    return readings;
  }
}

/** Decides when a source that may become quiet is read next. */
class Pace {
  #text: string | undefined;
  #changedAt = systemClock.monotonic();
  #dueAt = 0;

  constructor(private readonly quiet: Quiet) {}

  isDue(): boolean {
    const now = systemClock.monotonic();
    const isQuiet = now - this.#changedAt >= this.quiet.afterMs;
    if (isQuiet && now < this.#dueAt) return false;
    this.#dueAt = now + this.quiet.everyMs;
    return true;
  }

  note(value: unknown): void {
    const text = JSON.stringify(value);
    if (text !== this.#text) this.#changedAt = systemClock.monotonic();
    this.#text = text;
  }
}

const failed = <Value>(error: unknown): Reading<Value> => ({
  failure: {
    reason: error instanceof Error ? error.message : String(error),
    since: new Date(systemClock.now()).toISOString(),
  },
});
