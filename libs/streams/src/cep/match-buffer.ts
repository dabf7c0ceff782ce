import { murmur3 } from '../serdes/murmur3.ts';
import { readInt32 } from '../serdes/number-serdes.ts';
import { encodeText } from '../serdes/serdes.ts';
import type { KeyValueStore } from '../state/stores.ts';
import { KeyRuns, type RunnablePattern } from './key-runs.ts';
import { takenUpTo, type PlacedEvent, type Run, type TakenEvent } from './run.ts';
import { type Codec, StoredEvent } from './stored-event.ts';
import type { StoredRun, StoredRuns } from './stored-runs.ts';

export interface MatchBufferParts<K, T> {
  readonly store: KeyValueStore<K, StoredRuns>;
  readonly values: Codec<T>;
  readonly pattern: RunnablePattern<T>;
  /** Called if the runs of a key belong to a pattern of another shape, and are given up. */
  readonly onUnreadable: (runs: number) => void;
}

/** The runs of a key, out of the store. */
export interface LoadedRuns<T> {
  readonly runs: KeyRuns<T>;
  /** When the key's timer is due, or -1 without one. */
  readonly timerMs: number;
  readonly isStored: boolean;
}

/** Keeps the runs of all keys, and the events that they have taken. */
export class MatchBuffer<K, T> {
  readonly #parts: MatchBufferParts<K, T>;
  readonly #shape: number;

  constructor(parts: MatchBufferParts<K, T>) {
    this.#parts = parts;
    this.#shape = shapeOf(parts.pattern);
  }

  load(key: K): LoadedRuns<T> {
    const { store, pattern, onUnreadable } = this.#parts;
    const stored = store.get(key);
    const isStored = stored !== null;
    if (stored?.shape === this.#shape)
      return { runs: this.#decoded(stored), timerMs: stored.timerMs, isStored };
    if (isStored) onUnreadable(stored.open.length - 1 + stored.complete.length);
    return { runs: new KeyRuns(pattern), timerMs: -1, isStored };
  }

  /** Stores the runs of a key, or deletes their row if none has begun. */
  save(key: K, { runs, isStored }: LoadedRuns<T>, timerMs: number): void {
    const { store, pattern, values } = this.#parts;
    if (runs.isIdle) {
      if (isStored) store.put(key, null);
      return;
    }
    const encoder = new RunsEncoder<T>(pattern, values);
    const open = encoder.encode(runs.open);
    const complete = encoder.encode(runs.complete);
    const { events, taken } = encoder;
    store.put(key, { shape: this.#shape, timerMs, events, taken, open, complete });
  }

  #decoded(stored: StoredRuns): KeyRuns<T> {
    const { pattern, values } = this.#parts;
    const events = stored.events.map((event) => new StoredEvent(event, event, values));
    const taken: TakenEvent<T>[] = [];
    for (const { step, event, before } of stored.taken)
      taken.push({ step: pattern.steps[step]!, event: events[event]!, before: taken[before] });
    const decoded = ({ state, last }: StoredRun): Run<T> => ({
      state: pattern.states.all[state]!,
      last: taken[last],
      first: takenUpTo(taken[last])[0]?.event,
    });
    return new KeyRuns(pattern, stored.open.map(decoded), stored.complete.map(decoded));
  }
}

/** Numbers the events and what was taken, each once. */
class RunsEncoder<T> {
  readonly events: StoredEvent<T>[] = [];
  readonly taken: StoredRuns['taken'][number][] = [];
  readonly #eventPlaces = new Map<PlacedEvent<T>, number>();
  readonly #takenPlaces = new Map<TakenEvent<T>, number>();
  readonly #pattern: RunnablePattern<T>;
  readonly #values: Codec<T>;

  constructor(pattern: RunnablePattern<T>, values: Codec<T>) {
    this.#pattern = pattern;
    this.#values = values;
  }

  encode(runs: Iterable<Run<T>>): readonly StoredRun[] {
    return Array.from(runs, ({ state, last }) => ({ state: state.index, last: this.#placeOf(last) }));
  }

  #placeOf(taken: TakenEvent<T> | undefined): number {
    const path: TakenEvent<T>[] = [];
    let known = taken;
    for (; known !== undefined && !this.#takenPlaces.has(known); known = known.before) path.push(known);
    let before = known === undefined ? -1 : this.#takenPlaces.get(known)!;
    for (const each of path.reverse()) {
      const step = this.#pattern.steps.indexOf(each.step);
      this.taken.push({ step, event: this.#placeOfEvent(each.event), before });
      before = this.taken.length - 1;
      this.#takenPlaces.set(each, before);
    }
    return before;
  }

  #placeOfEvent(event: PlacedEvent<T>): number {
    const known = this.#eventPlaces.get(event);
    if (known !== undefined) return known;
    const place = this.events.length;
    this.events.push(event instanceof StoredEvent ? event : new StoredEvent(event, event, this.#values));
    this.#eventPlaces.set(event, place);
    return place;
  }
}

/**
 * A hash of all that decides which states there are. Conditions, `within` and what a match skips may
 * change without it.
 */
function shapeOf<T>({ steps }: RunnablePattern<T>): number {
  const texts = steps.map(({ name, contiguity, times, isOptional, until }) =>
    JSON.stringify([contiguity, name, times ?? 'once', isOptional, until !== undefined]),
  );
  return readInt32(murmur3(encodeText(texts.join())), 0);
}
