import type { NodeContext } from '../processor/node.ts';
import type { StateStore } from '../processor/processor.ts';
import type { JoinSide, UnmatchedKey, UnmatchedValues } from '../serdes/unmatched.ts';
import type { KeyValueStore } from '../state/stores.ts';

/** The times that both sides of a left or outer stream join share within one task. */
interface StreamJoinTracker {
  /** The largest time of a record of either side, or -1. */
  streamTimeMs: number;
  /**
   * A time before which no known record waits for a match. Undefined if this task has put no record
   * into the store, which may still hold some from before a restart.
   */
  earliestUnmatchedMs: number | undefined;
  /** The time of the clock until which the join does not look for records without a match. */
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

export interface UnmatchedRecord<K, V> extends UnmatchedKey<K> {
  readonly value: V;
}

export interface UnmatchedRecordsOptions {
  readonly storeName: string;
  /** How long a record of each side waits for a match, beyond its own time, in milliseconds. */
  readonly waits: Readonly<Record<JoinSide, number>>;
  readonly trackers: StreamJoinTrackers;
}

type UnmatchedStore<K, V> = KeyValueStore<UnmatchedKey<K>, UnmatchedValues<V>>;

/**
 * The records of a left or outer join of streams that have found no match so far. Both sides share
 * one store, so that each side can remove the other's records when it matches them.
 */
export class UnmatchedRecords<K, V> {
  readonly #context: NodeContext;
  readonly #store: UnmatchedStore<K, V>;
  readonly #tracker: StreamJoinTracker;
  readonly #waits: UnmatchedRecordsOptions['waits'];

  constructor({ storeName, waits, trackers }: UnmatchedRecordsOptions, context: NodeContext) {
    this.#context = context;
    this.#store = context.store<UnmatchedStore<K, V>>(storeName);
    this.#tracker = trackers.of(this.#store);
    this.#waits = waits;
  }

  /** The largest time of a record of either side, or -1. */
  get streamTimeMs(): number {
    return this.#tracker.streamTimeMs;
  }

  advanceStreamTime(timestampMs: number): void {
    this.#tracker.streamTimeMs = Math.max(this.#tracker.streamTimeMs, timestampMs);
  }

  add({ value, ...key }: UnmatchedRecord<K, V>): void {
    const { earliestUnmatchedMs = key.timestampMs } = this.#tracker;
    this.#tracker.earliestUnmatchedMs = Math.min(earliestUnmatchedMs, key.timestampMs);
    const waiting = this.#store.get(key)?.values ?? [];
    this.#store.put(key, { side: key.side, values: [...waiting, value] });
  }

  remove(key: UnmatchedKey<K>): void {
    if (this.#store.get(key) !== null) this.#store.put(key, null);
  }

  /**
   * Emits and removes the records that can find no match any more. Looks at most once per interval
   * of the clock, and only if the calling side could have an expired record.
   */
  emitExpired(side: JoinSide, emit: (record: UnmatchedRecord<K, V>) => void): void {
    if (!this.#mayHaveExpired(side)) return;
    const nowMs = this.#context.wallClockMs;
    if (nowMs < this.#tracker.nextLookMs) return;
    this.#tracker.nextLookMs = nowMs + this.#context.emitIntervals.outerJoinMs;
    const emitted = new Set<UnmatchedKey<K>>();
    for (const [key, value] of this.#expired()) {
      emit({ ...key, value });
      emitted.add(key);
    }
    for (const key of emitted) this.#store.put(key, null);
  }

  /**
   * Whether records may have expired. After a restart the store may hold records that the tracker
   * does not know. They are found unless this side never waits, as in Kafka Streams.
   */
  #mayHaveExpired(side: JoinSide): boolean {
    const { earliestUnmatchedMs, streamTimeMs } = this.#tracker;
    if (earliestUnmatchedMs === undefined) return this.#waits[side] > 0;
    return earliestUnmatchedMs + this.#waits[side] < streamTimeMs;
  }

  /**
   * Yields the expired records. Entries are in the order of their time, so the first open one of a
   * side ends this side. As in Kafka Streams, the value after both sides have ended still counts as
   * the earliest one.
   */
  *#expired(): Generator<readonly [UnmatchedKey<K>, V]> {
    this.#tracker.earliestUnmatchedMs = undefined;
    const open = new Set<JoinSide>();
    using entries = this.#store.all();
    for (const { key, value: waiting } of entries) {
      for (const value of waiting.values) {
        this.#tracker.earliestUnmatchedMs = key.timestampMs;
        if (open.size === 2) return;
        if (key.timestampMs + this.#waits[key.side] >= this.#tracker.streamTimeMs) open.add(key.side);
        else yield [key, value];
      }
    }
  }
}
