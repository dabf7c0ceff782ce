import type { Windowed } from '../processor/windows.ts';
import { listenToFlushes, type StoreParts } from './cached-rows.ts';
import { sessionKey, sessionRowOf, type SessionRow } from './windowed-keys.ts';
import type { Row } from './store-engine.ts';
import type { CachingStore, Entry, FlushedChange, SessionStore, StoreIterator } from './stores.ts';
import type { WindowedRows } from './windowed-rows.ts';

interface SessionParts<K, V> extends StoreParts<K, V, V> {
  readonly rows: WindowedRows;
}

/** A store of sessions with typed keys and values over rows of bytes. */
export class TypedSessionStore<K, V> implements SessionStore<K, V>, CachingStore<Windowed<K>, V> {
  readonly name: string;
  readonly #parts: SessionParts<K, V>;

  constructor(parts: SessionParts<K, V>) {
    this.name = parts.name;
    this.#parts = parts;
  }

  put({ key, window }: Windowed<K>, value: V | null): void {
    const { keys, values, rows } = this.#parts;
    const { startMs, endMs } = window;
    rows.put(
      sessionKey({ key: keys.encode(key), startMs, endMs }),
      value === null ? null : values.encode(value),
    );
  }

  remove(session: Windowed<K>): void {
    this.put(session, null);
  }

  fetchSession(key: K, startMs: number, endMs: number): V | null {
    const { keys, values, rows } = this.#parts;
    const bytes = rows.get(sessionKey({ key: keys.encode(key), startMs, endMs }));
    return bytes === null ? null : values.decode(bytes);
  }

  fetch(key: K): StoreIterator<Entry<Windowed<K>, V>> {
    return this.findSessions(key, 0, Number.MAX_SAFE_INTEGER);
  }

  findSessions(key: K, earliestEndMs: number, latestStartMs: number): StoreIterator<Entry<Windowed<K>, V>> {
    return this.#open(this.#sessionsOf(this.#parts.keys.encode(key), earliestEndMs, latestStartMs));
  }

  findSessionsEnding(earliestEndMs: number, latestEndMs: number): StoreIterator<Entry<Windowed<K>, V>> {
    const rows = this.#parts.rows.scanByTime(earliestEndMs, latestEndMs);
    if (rows === undefined) {
      throw new Error(
        `The session store ${this.name} has no order by time. Open it with emitsOnClose to find sessions by their end.`,
      );
    }
    return this.#open(this.#sessions(rows, () => true));
  }

  onFlush(listener: (flushed: FlushedChange<Windowed<K>, V>) => void, sendOldValues: boolean): boolean {
    const keyOf = (key: Uint8Array) => this.#windowed(sessionRowOf(key));
    return listenToFlushes(this.#parts, keyOf, listener, sendOldValues);
  }

  #sessionsOf(
    key: Uint8Array,
    earliestEndMs: number,
    latestStartMs: number,
  ): Generator<Entry<Windowed<K>, V>, undefined> {
    const { rows } = this.#parts;
    const firstMs = rows.visibleFrom(earliestEndMs);
    const bounds = {
      lower: sessionKey({ key, startMs: 0, endMs: firstMs }),
      upper: sessionKey({ key, startMs: latestStartMs, endMs: Number.MAX_SAFE_INTEGER }),
    };
    const isWithin = (session: SessionRow): boolean =>
      session.key.length === key.length && session.endMs >= firstMs && session.startMs <= latestStartMs;
    return this.#sessions(rows.scan(firstMs, Number.MAX_SAFE_INTEGER, bounds, false), isWithin);
  }

  *#sessions(
    rows: Iterable<Row>,
    isWithin: (session: SessionRow) => boolean,
  ): Generator<Entry<Windowed<K>, V>, undefined> {
    for (const row of rows) {
      const session = sessionRowOf(row.key);
      if (!isWithin(session)) continue;
      const value = this.#parts.values.decode(row.value);
      if (value !== null) yield { key: this.#windowed(session), value };
    }
  }

  #open<T>(items: Iterator<T>): StoreIterator<T> {
    return this.#parts.iterators.open(this.name, items);
  }

  #windowed({ key, startMs, endMs }: SessionRow): Windowed<K> {
    return { key: this.#parts.keys.decode(key), window: { startMs, endMs } };
  }
}
