import type { Windowed } from '../processor/windows.ts';
import { compareBytes } from './bytes.ts';
import { listenToFlushes, type StoreParts } from './cached-rows.ts';
import type { TimedRow } from './recent-windows.ts';
import type { Row } from './store-engine.ts';
import type {
  CachingStore,
  Entry,
  FlushedChange,
  StoreIterator,
  WindowStore,
  WindowValue,
} from './stores.ts';
import { WINDOW_SUFFIX_BYTES, windowKey, windowRowOf, type WindowRow } from './windowed-keys.ts';
import { upperBoundOf, type WindowedBounds, type WindowedRows } from './windowed-rows.ts';

const SEQUENCE_MAX = 0x7fff_ffff;
const NO_BOUNDS: WindowedBounds = { lower: null, upper: null };

interface WindowParts<K, S, V> extends StoreParts<K, S, V> {
  readonly windowSizeMs: number;
  readonly retainDuplicates: boolean;
  readonly rows: WindowedRows;
}

/** A store of windows with typed keys and values over rows of bytes. */
export class TypedWindowStore<K, S, V> implements WindowStore<K, S>, CachingStore<Windowed<K>, V> {
  readonly name: string;
  readonly #parts: WindowParts<K, S, V>;
  #sequence = 0;

  constructor(parts: WindowParts<K, S, V>) {
    this.name = parts.name;
    this.#parts = parts;
  }

  put(key: K, value: S | null, startMs: number): void {
    const { keys, values, rows, retainDuplicates } = this.#parts;
    const bytes = value === null ? null : values.encode(value);
    if (retainDuplicates && bytes !== null) this.#sequence = (this.#sequence + 1) & SEQUENCE_MAX;
    const row = { key: keys.encode(key), startMs, sequence: this.#sequence };
    rows.put(windowKey(row), bytes);
    // A row that came too late for the table is never visible.
    if (bytes !== null) rows.recent?.put(row, bytes);
  }

  fetch(key: K, startMs: number): S | null {
    const { keys, values, rows } = this.#parts;
    const bytes = rows.get(windowKey({ key: keys.encode(key), startMs, sequence: this.#sequence }));
    return bytes === null ? null : values.decode(bytes);
  }

  fetchRange(key: K, fromMs: number, toMs: number): StoreIterator<WindowValue<S>> {
    return this.#open(this.#valuesOf(key, fromMs, toMs, false));
  }

  backwardFetchRange(key: K, fromMs: number, toMs: number): StoreIterator<WindowValue<S>> {
    return this.#open(this.#valuesOf(key, fromMs, toMs, true));
  }

  fetchKeys(
    from: K | undefined,
    to: K | undefined,
    fromMs: number,
    toMs: number,
  ): StoreIterator<Entry<Windowed<K>, S>> {
    const lowest = from === undefined ? null : this.#parts.keys.encode(from);
    const highest = to === undefined ? null : this.#parts.keys.encode(to);
    const bounds = { lower: lowest, upper: highest && upperBoundOf(highest, WINDOW_SUFFIX_BYTES) };
    const isWithin = ({ key }: WindowRow): boolean =>
      (lowest === null || compareBytes(key, lowest) >= 0) &&
      (highest === null || compareBytes(key, highest) <= 0);
    return this.#open(this.#windows(fromMs, toMs, this.#scan(fromMs, toMs, bounds), isWithin));
  }

  fetchAll(fromMs: number, toMs: number): StoreIterator<Entry<Windowed<K>, S>> {
    const rows = this.#parts.rows.scanByTime(fromMs, toMs) ?? this.#scan(fromMs, toMs, NO_BOUNDS);
    return this.#open(this.#windows(fromMs, toMs, rows, () => true));
  }

  all(): StoreIterator<Entry<Windowed<K>, S>> {
    return this.fetchAll(0, Number.MAX_SAFE_INTEGER);
  }

  onFlush(listener: (flushed: FlushedChange<Windowed<K>, V>) => void, sendOldValues: boolean): boolean {
    const keyOf = (key: Uint8Array) => this.#windowed(windowRowOf(key));
    return listenToFlushes(this.#parts, keyOf, listener, sendOldValues);
  }

  #open<T>(items: Iterator<T>): StoreIterator<T> {
    return this.#parts.iterators.open(this.name, items);
  }

  #scan(fromMs: number, toMs: number, bounds: WindowedBounds): Generator<Row, undefined> {
    return this.#parts.rows.scan(this.#parts.rows.visibleFrom(fromMs), toMs, bounds, false);
  }

  *#valuesOf(key: K, fromMs: number, toMs: number, reverse: boolean): Generator<WindowValue<S>, undefined> {
    const { keys, values, rows } = this.#parts;
    const firstMs = rows.visibleFrom(fromMs);
    if (toMs < firstMs) return;
    for (const { startMs, value: bytes } of this.#rowsOf(keys.encode(key), firstMs, toMs, reverse)) {
      const value = values.decode(bytes);
      if (value !== null) yield { startMs, value };
    }
  }

  #rowsOf(key: Uint8Array, fromMs: number, toMs: number, reverse: boolean): Iterable<TimedRow> {
    const { recent } = this.#parts.rows;
    if (recent === undefined || toMs < recent.fromMs) return this.#storedRows(key, fromMs, toMs, reverse);
    const found = recent.fetch(key, Math.max(fromMs, recent.fromMs), toMs);
    const newest = reverse ? found.toReversed() : found;
    if (fromMs >= recent.fromMs) return newest;
    const older = this.#storedRows(key, fromMs, recent.fromMs - 1, reverse);
    return reverse ? chained(newest, older) : chained(older, newest);
  }

  *#storedRows(
    key: Uint8Array,
    fromMs: number,
    toMs: number,
    reverse: boolean,
  ): Generator<TimedRow, undefined> {
    const bounds = {
      lower: windowKey({ key, startMs: fromMs, sequence: 0 }),
      upper: windowKey({ key, startMs: toMs, sequence: SEQUENCE_MAX }),
    };
    for (const row of this.#parts.rows.scan(fromMs, toMs, bounds, reverse)) {
      const window = windowRowOf(row.key);
      // Rows of another key within these bounds belong to a longer key.
      if (window.key.length === key.length) yield { startMs: window.startMs, value: row.value };
    }
  }

  *#windows(
    fromMs: number,
    toMs: number,
    rows: Iterable<Row>,
    isWithin: (window: WindowRow) => boolean,
  ): Generator<Entry<Windowed<K>, S>, undefined> {
    const firstMs = this.#parts.rows.visibleFrom(fromMs);
    for (const row of rows) {
      const window = windowRowOf(row.key);
      if (window.startMs < firstMs || window.startMs > toMs || !isWithin(window)) continue;
      const value = this.#parts.values.decode(row.value);
      if (value !== null) yield { key: this.#windowed(window), value };
    }
  }

  #windowed({ key, startMs }: WindowRow): Windowed<K> {
    const endMs = startMs + this.#parts.windowSizeMs;
    return { key: this.#parts.keys.decode(key), window: { startMs, endMs } };
  }
}

function* chained<T>(first: Iterable<T>, then: Iterable<T>): Generator<T, undefined> {
  yield* first;
  yield* then;
}
