import { joinPair, splitPair } from '../serdes/byte-pairs.ts';
import type { KeyValueStore } from '../state/stores.ts';
import { eventRow, placeOfRow, timeOfRow, timerKey, timerRow } from './event-rows.ts';
import type { PlacedEvent } from './run.ts';
import { type Codec, StoredEvent } from './stored-event.ts';

const batchMax = 1_000;

/** Something whose time has come: an event of a key, or the end of the key's oldest run. */
export type Due<K, T> =
  | { readonly kind: 'event'; readonly key: K; readonly event: PlacedEvent<T> }
  | { readonly kind: 'timer'; readonly key: K; readonly timeMs: number };

export interface EventTimeBufferParts<K, T> {
  readonly store: KeyValueStore<Uint8Array, Uint8Array>;
  readonly keys: Codec<K>;
  readonly values: Codec<T>;
}

/** Events and timers of all keys of a task, in the order of their times. */
export class EventTimeBuffer<K, T> {
  readonly #parts: EventTimeBufferParts<K, T>;
  /** A lower bound of the times in the store. The first read replaces it. */
  #earliestMs = -Infinity;
  #addedMs = Infinity;

  constructor(parts: EventTimeBufferParts<K, T>) {
    this.#parts = parts;
  }

  addEvent(key: K, event: StoredEvent<T>): void {
    const { keys } = this.#parts;
    this.#add(event.timeMs, eventRow(event), joinPair(keys.encode(key), event.bytes));
  }

  addTimer(key: K, timeMs: number): void {
    this.#add(timeMs, timerRow(timeMs, this.#parts.keys.encode(key)), present);
  }

  /**
   * Removes and yields everything up to this time, in order of (time, arrival). Timers come before
   * the events of their time. The caller may add to the buffer meanwhile.
   */
  *takeDue(untilMs: number): Generator<Due<K, T>, undefined> {
    while (this.#earliestMs <= untilMs) {
      const rows = this.#read(untilMs);
      const nextMs = this.#earliestMs;
      // If the caller throws, the rest of the rows are still there.
      this.#earliestMs = -Infinity;
      for (const { key: row, value } of rows) {
        // A timer that was added after the rows were read comes before this one.
        if (this.#addedMs <= timeOfRow(row)) break;
        this.#parts.store.put(row, null);
        yield this.#dueOf(row, value);
      }
      this.#earliestMs = Math.min(nextMs, this.#addedMs);
    }
  }

  #add(timeMs: number, row: Uint8Array, value: Uint8Array): void {
    this.#parts.store.put(row, value);
    this.#earliestMs = Math.min(this.#earliestMs, timeMs);
    this.#addedMs = Math.min(this.#addedMs, timeMs);
  }

  #read(untilMs: number): readonly { readonly key: Uint8Array; readonly value: Uint8Array }[] {
    const due: { readonly key: Uint8Array; readonly value: Uint8Array }[] = [];
    this.#earliestMs = Infinity;
    this.#addedMs = Infinity;
    using rows = this.#parts.store.all();
    for (const row of rows) {
      if (timeOfRow(row.key) > untilMs || due.length === batchMax) {
        this.#earliestMs = timeOfRow(row.key);
        break;
      }
      due.push(row);
    }
    return due;
  }

  #dueOf(row: Uint8Array, value: Uint8Array): Due<K, T> {
    const { keys, values } = this.#parts;
    const key = timerKey(row);
    if (key !== undefined) return { kind: 'timer', key: keys.decode(key), timeMs: timeOfRow(row) };
    const [eventKey, eventValue] = splitPair(value);
    const event = new StoredEvent(placeOfRow(row), { bytes: eventValue }, values);
    return { kind: 'event', key: keys.decode(eventKey), event };
  }
}

const present = Uint8Array.of(1);
