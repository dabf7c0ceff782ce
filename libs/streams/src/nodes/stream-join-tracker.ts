import type { StateStore } from '../processor/state-store.ts';

/** The times that both sides of a left or outer stream join share within one task. */
export interface StreamJoinTracker {
  /** The largest time of a record of either side, or -1. */
  streamTimeMs: number;
  /**
   * A time before which no record waits for a match, as far as known. Undefined: this task has
   * put none into the store, which may still hold some from before a restart.
   */
  earliestUnmatchedMs: number | undefined;
  /** The clock's time before which the join does not look for records without a match. */
  nextLookMs: number;
}

/** The trackers of one join. Both sides of a task find theirs by the store that they share. */
export class StreamJoinTrackers {
  readonly #trackers = new WeakMap<StateStore, StreamJoinTracker>();

  of(sharedStore: StateStore): StreamJoinTracker {
    const known = this.#trackers.get(sharedStore);
    if (known !== undefined) return known;
    const tracker = { streamTimeMs: -1, earliestUnmatchedMs: undefined, nextLookMs: 0 };
    this.#trackers.set(sharedStore, tracker);
    return tracker;
  }
}
