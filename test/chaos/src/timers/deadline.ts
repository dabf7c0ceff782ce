import { placeOf, type LogSample, type OffsetChange, type TimerHistory } from './history.ts';

/**
 * How long a timer may take once it has nothing left to wait for. `npm run verify -- overload` has the
 * same bound.
 */
export const boundMs = 2_000;

export interface Deadline {
  /** When the owner had handled everything that the timer had to wait for. */
  readonly readyMs: number;
  readonly deadlineMs: number;
}

/** Computes by when a timer must have fired. */
export class Deadlines {
  readonly #history: TimerHistory;
  readonly #commits = new Map<string, OffsetChange[]>();

  constructor(history: TimerHistory) {
    this.#history = history;
    for (const change of history.offsets) {
      const place = placeOf(change.topic, change.partition);
      const changes = this.#commits.get(place) ?? [];
      changes.push(change);
      this.#commits.set(place, changes);
    }
  }

  /**
   * The deadline of a timer that is due and has an owner from `startMs` on. The owner first handles
   * what was on the log at that moment. Then it asks for the ends of the log once more and handles
   * what is missing up to them, since the ends that it knew may be older than the due time. After an
   * outage the count starts again.
   */
  of(startMs: number, partition: number): Deadline {
    for (let fromMs = startMs; ;) {
      const readyMs = this.#handledBy(partition, this.#handledBy(partition, fromMs));
      const deadlineMs = Math.max(readyMs + boundMs, this.#handledBy(partition, readyMs + boundMs));
      const outage = this.#history.outages.find((each) => each.fromMs < deadlineMs && each.toMs > fromMs);
      if (outage === undefined) return { readyMs, deadlineMs };
      fromMs = outage.toMs;
    }
  }

  /** The moments at which owners took the partition, in order. */
  takenAt(topic: string, partition: number): readonly number[] {
    const changes = this.#commits.get(placeOf(topic, partition)) ?? [];
    return changes.filter(({ epoch }, at) => epoch !== changes[at - 1]?.epoch).map(({ atMs }) => atMs);
  }

  /** The first moment at which everything was handled that was on the topics at `momentMs`. */
  #handledBy(partition: number, momentMs: number): number {
    const { samples, topics } = this.#history;
    const sample = samples[firstIndex(samples, ({ fromMs }) => fromMs >= momentMs)];
    if (sample === undefined) return Infinity;
    const committed = topics.map((topic) => this.#committedMs(placeOf(topic, partition), sample));
    return Math.max(sample.fromMs, ...committed);
  }

  #committedMs(place: string, { ends }: LogSample): number {
    const end = ends.get(place) ?? 0;
    const commits = this.#commits.get(place) ?? [];
    if (end === 0) return -Infinity;
    return commits[firstIndex(commits, ({ nextOffset }) => nextOffset >= end)]?.atMs ?? Infinity;
  }
}

/** The index of the first item for which `is` holds, by bisection: it must hold for all later ones. */
export function firstIndex<Item>(items: readonly Item[], is: (item: Item) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (is(items[middle] as Item)) high = middle;
    else low = middle + 1;
  }
  return low;
}
