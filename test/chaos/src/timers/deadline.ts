import { placeOf, type LogSample, type OffsetChange, type TimerHistory } from './history.ts';

/** How long a timer may take once everything is handled that it had to wait for: the bound of `npm run verify -- overload`. */
export const boundMs = 2_000;

export interface Deadline {
  /** When everything was handled that the timer had to wait for. */
  readonly readyMs: number;
  readonly deadlineMs: number;
}

/** Says when a timer has to have fired at the latest. */
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
   * The deadline of a timer that could fire from `startMs` on, its partition having an owner since then. The owner first
   * handles what stood on the log at that moment. Then it asks for the ends of the log once more and handles what is
   * missing up to them: an earlier answer may have been on its way. After an outage of the log or the database it begins anew.
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

  /** Since when the partition has had its owners, in their order. */
  takenAt(topic: string, partition: number): readonly number[] {
    const changes = this.#commits.get(placeOf(topic, partition)) ?? [];
    return changes.filter(({ epoch }, at) => epoch !== changes[at - 1]?.epoch).map(({ atMs }) => atMs);
  }

  /** The first moment at which everything was handled that stood on a partition's topics at `momentMs`. */
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

/** By bisection: `is` is false up to some item, and true from there on. */
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
