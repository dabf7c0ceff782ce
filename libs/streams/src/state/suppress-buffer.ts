import type { RecordContext, Change } from '../processor/record.ts';
import type { Serde } from '../serdes/serde.ts';
import { type KeyCodec, storeKeys } from './key-codec.ts';
import { SortedBytesMap } from './sorted-bytes-map.ts';
import { decodeSuppressRow, encodeSuppressRow, type SuppressRow, suppressRowBytes } from './suppress-row.ts';
import type { ChangelogRecord, OpenedStore, StoreContext } from './store-context.ts';
import type { SuppressBudget } from './store-limits.ts';
import type { BytesTable, StoreEngine } from './store-engine.ts';
import type { SuppressBufferSpec } from './store-spec.ts';
import type { BufferedChange, SuppressBuffer } from './stores.ts';

const rowVersion = Object.freeze({ name: 'v', value: Uint8Array.of(3) });

/**
 * Opens a buffer, which works in memory. At a flush, the rows that have changed since the last one
 * go to the table and to the changelog, with the time of the clock, as in Kafka Streams.
 */
export function openSuppressBuffer(
  spec: SuppressBufferSpec,
  engine: StoreEngine,
  context: StoreContext,
): OpenedStore {
  const table = engine.table(spec.name, { inMemory: false });
  const buffer = new TypedSuppressBuffer(spec, context);
  for (const { key, value } of table.rows({ from: null, before: null }, false)) buffer.load(key, value);
  return {
    store: buffer,
    flush() {
      for (const { key, value } of buffer.takeChanges()) {
        table.put(key, value);
        const headers = value === null ? [] : [rowVersion];
        const record = { key, value, timestampMs: context.wallClockMs(), headers };
        if (spec.logConfigs !== undefined) context.log(spec.name, record);
      }
    },
    restore(records) {
      for (const record of records) restore(buffer, table, record);
      buffer.requireRoom();
    },
    committed: () => noQueries(spec.name),
    latest: () => noQueries(spec.name),
    endRestore: () => undefined,
    close: () => undefined,
  };
}

function noQueries(name: string): never {
  throw new TypeError(`The buffer ${name} cannot be queried.`);
}

function restore(
  buffer: TypedSuppressBuffer,
  table: BytesTable,
  { key, value, headers }: ChangelogRecord,
): void {
  const version = headers.findLast(({ name }) => name === rowVersion.name)?.value?.[0];
  if (value !== null && version !== 3) {
    throw new Error(
      `The changelog of the store ${buffer.name} has a record of version ${version ?? 0}, written by a Kafka ` +
        'Streams before 2.6. Only version 3 can be read: upgrade the application there first, and let it emit.',
    );
  }
  table.put(key, value);
  if (value === null) buffer.unload(key);
  else buffer.load(key, value);
}

interface Waiting extends SuppressRow {
  readonly key: Uint8Array;
  /** The buffer time and the key, by which updates are ordered. */
  readonly place: Uint8Array;
  readonly byteCount: number;
}

class TypedSuppressBuffer<K = unknown, V = unknown> implements SuppressBuffer<K, V> {
  readonly name: string;
  readonly #keys: KeyCodec<K>;
  readonly #values: Serde<V>;
  readonly #topic: string;
  readonly #budget: SuppressBudget | undefined;
  readonly #inOrder = new SortedBytesMap<Waiting>();
  readonly #byKey = new Map<string, Waiting>();
  readonly #changed = new Map<string, Uint8Array>();
  #byteCount = 0;

  constructor(spec: SuppressBufferSpec<K, V>, context: StoreContext) {
    this.name = spec.name;
    this.#keys = storeKeys(spec, context);
    this.#values = spec.valueSerde;
    this.#topic = context.changelogTopic(spec.name);
    this.#budget = spec.hasOwnLimits ? undefined : context.suppressBudget;
  }

  get recordCount(): number {
    return this.#byKey.size;
  }

  get byteCount(): number {
    return this.#byteCount;
  }

  get earliestMs(): number | undefined {
    return this.#inOrder.firstFrom(null)?.value.bufferTimeMs;
  }

  requireRoom(): void {
    this.#budget?.requireRoom(this.name);
  }

  put(bufferTimeMs: number, key: K, change: Change<V>, context: RecordContext): void {
    const keyBytes = this.#keys.encode(key);
    const oldValue = this.#encode(change.oldValue);
    const newValue = this.#encode(change.newValue);
    const waiting = this.#byKey.get(textOf(keyBytes));
    const priorValue = waiting === undefined ? oldValue : waiting.priorValue;
    this.#set(keyBytes, { bufferTimeMs, context, priorValue, oldValue, newValue });
    this.#changed.set(textOf(keyBytes), keyBytes);
  }

  takeEarliest(emit: (update: BufferedChange<K, V>) => void): void {
    const earliest = this.#inOrder.firstFrom(null)?.value;
    if (earliest === undefined) return;
    const { key, oldValue, newValue, context } = earliest;
    const change = { oldValue: this.#decode(oldValue), newValue: this.#decode(newValue), isLatest: true };
    emit({ key: this.#keys.decode(key), change, context });
    this.unload(key);
    this.#changed.set(textOf(key), key);
  }

  priorValue(key: K): V | null | undefined {
    const waiting = this.#byKey.get(textOf(this.#keys.encode(key)));
    return waiting && this.#decode(waiting.priorValue);
  }

  /**
   * Yields the rows that have changed since the last call, as the changelog has them. A null stands
   * for a removed row.
   */
  *takeChanges(): Generator<{ readonly key: Uint8Array; readonly value: Uint8Array | null }> {
    for (const [text, key] of this.#changed) {
      const waiting = this.#byKey.get(text);
      yield { key, value: waiting === undefined ? null : encodeSuppressRow(waiting) };
    }
    this.#changed.clear();
  }

  load(key: Uint8Array, value: Uint8Array): void {
    this.#set(key, decodeSuppressRow(value));
  }

  unload(key: Uint8Array): void {
    const waiting = this.#byKey.get(textOf(key));
    if (waiting === undefined) return;
    this.#byKey.delete(textOf(key));
    this.#inOrder.delete(waiting.place);
    this.#resize({ rows: -1, bytes: -waiting.byteCount });
  }

  /** Sets the row of a key. A key that already waits keeps its position and its time. */
  #set(key: Uint8Array, row: SuppressRow): void {
    const earlier = this.#byKey.get(textOf(key));
    const bufferTimeMs = earlier?.bufferTimeMs ?? row.bufferTimeMs;
    const place = earlier?.place ?? placeOf(bufferTimeMs, key);
    const byteCount = suppressRowBytes(key, row);
    const waiting = { ...row, bufferTimeMs, key, place, byteCount };
    this.#byKey.set(textOf(key), waiting);
    this.#inOrder.set(place, waiting);
    this.#resize({ rows: earlier === undefined ? 1 : 0, bytes: byteCount - (earlier?.byteCount ?? 0) });
  }

  #resize(change: { readonly rows: number; readonly bytes: number }): void {
    this.#byteCount += change.bytes;
    this.#budget?.resize(change);
  }

  #encode(value: V | null): Uint8Array | null {
    return value === null ? null : this.#values.encode(value, this.#topic);
  }

  #decode(bytes: Uint8Array | null): V | null {
    return bytes === null ? null : this.#values.decode(bytes, this.#topic);
  }
}

function placeOf(bufferTimeMs: number, key: Uint8Array): Uint8Array {
  const place = Buffer.alloc(8 + key.length);
  place.writeBigInt64BE(BigInt(bufferTimeMs));
  place.set(key, 8);
  return place;
}

const textOf = (key: Uint8Array): string =>
  Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
