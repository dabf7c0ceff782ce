import type { StateStore } from '../processor/processor.ts';
import type { ValueAndTimestamp } from '../processor/record.ts';
import type { StoreSpec } from '../state/store-spec.ts';
import type {
  Entry,
  ReadOnlyKeyValueStore,
  ReadOnlySessionStore,
  ReadOnlyWindowStore,
  StoreIterator,
  WindowValue,
} from '../state/stores.ts';

/** The stores of one name in the tasks of this process. They change with each rebalance. */
interface LocalStores<S extends StateStore> {
  readonly name: string;
  /**
   * Returns the stores. Called at each read. Throws while they cannot be read, for instance during
   * a restore.
   */
  stores(): readonly S[];
}

/** Whether a store keeps each value with its time. */
export const isTimestamped = (spec: StoreSpec): boolean => 'timestamped' in spec && spec.timestamped;

/** The value of a timestamped store without its time. */
export const valueWithoutTime = <V>({ value }: ValueAndTimestamp<V>): V => value;

const storedValue = (stored: unknown): unknown => stored;

/**
 * Reads the stores of one name in this process as one. The values have no times unless `withTimes`.
 * Returns undefined for a buffer of `suppress`, which has no queries.
 */
export function viewOf(
  spec: StoreSpec,
  stores: () => readonly StateStore[],
  { withTimes = false } = {},
): StateStore | undefined {
  const withoutTime = isTimestamped(spec) && !withTimes;
  const valueOf = (withoutTime ? valueWithoutTime : storedValue) as (stored: unknown) => unknown;
  const local = { name: spec.name, stores: stores as () => readonly never[] };
  switch (spec.kind) {
    case 'key_value':
      return keyValueView(local, valueOf);
    case 'window':
      return windowView(local, valueOf);
    case 'session':
      return sessionView(local);
    case 'suppress_buffer':
      return undefined;
  }
}

/** `valueOf` turns a stored value into the value that the view returns. */
export function keyValueView<K, S, V>(
  local: LocalStores<ReadOnlyKeyValueStore<K, S>>,
  valueOf: (stored: S) => V,
): ReadOnlyKeyValueStore<K, V> {
  const entries = (read: (store: ReadOnlyKeyValueStore<K, S>) => StoreIterator<Entry<K, S>>) =>
    entriesOfAll(local, read, ({ key, value }) => ({ key, value: valueOf(value) }));
  return {
    name: local.name,
    get: (key) => firstAnswer(local, (store) => store.get(key), valueOf),
    range: (from, to) => entries((store) => store.range(from, to)),
    reverseRange: (from, to) => entries((store) => store.reverseRange(from, to)),
    all: () => entries((store) => store.all()),
    reverseAll: () => entries((store) => store.reverseAll()),
    prefixScan: (prefix) => entries((store) => store.prefixScan(prefix)),
    approximateEntryCount: () =>
      local.stores().reduce((sum, store) => sum + store.approximateEntryCount(), 0),
  };
}

export function windowView<K, S, V>(
  local: LocalStores<ReadOnlyWindowStore<K, S>>,
  valueOf: (stored: S) => V,
): ReadOnlyWindowStore<K, V> {
  type Store = ReadOnlyWindowStore<K, S>;
  const values = (read: (store: Store) => StoreIterator<WindowValue<S>>) =>
    entriesOfAll(local, read, ({ startMs, value }) => ({ startMs, value: valueOf(value) }));
  const entries = (read: (store: Store) => ReturnType<Store['all']>) =>
    entriesOfAll(local, read, ({ key, value }) => ({ key, value: valueOf(value) }));
  return {
    name: local.name,
    fetch: (key, startMs) => firstAnswer(local, (store) => store.fetch(key, startMs), valueOf),
    fetchRange: (key, fromMs, toMs) => values((store) => store.fetchRange(key, fromMs, toMs)),
    backwardFetchRange: (key, fromMs, toMs) => values((store) => store.backwardFetchRange(key, fromMs, toMs)),
    fetchKeys: (from, to, fromMs, toMs) => entries((store) => store.fetchKeys(from, to, fromMs, toMs)),
    fetchAll: (fromMs, toMs) => entries((store) => store.fetchAll(fromMs, toMs)),
    all: () => entries((store) => store.all()),
  };
}

export function sessionView<K, V>(
  local: LocalStores<ReadOnlySessionStore<K, V>>,
): ReadOnlySessionStore<K, V> {
  type Store = ReadOnlySessionStore<K, V>;
  const entries = (read: (store: Store) => ReturnType<Store['fetch']>) =>
    entriesOfAll(local, read, (entry) => entry);
  return {
    name: local.name,
    fetchSession: (key, startMs, endMs) =>
      firstAnswer(
        local,
        (store) => store.fetchSession(key, startMs, endMs),
        (value) => value,
      ),
    fetch: (key) => entries((store) => store.fetch(key)),
    findSessions: (key, earliestEndMs, latestStartMs) =>
      entries((store) => store.findSessions(key, earliestEndMs, latestStartMs)),
    findSessionsEnding: (earliestEndMs, latestEndMs) =>
      entries((store) => store.findSessionsEnding(earliestEndMs, latestEndMs)),
  };
}

/**
 * Returns the first answer of a store that has one. A key belongs to one partition, and so to one
 * store.
 */
function firstAnswer<S extends StateStore, A, V>(
  { stores }: LocalStores<S>,
  ask: (store: S) => A | null,
  convert: (answer: A) => V,
): V | null {
  for (const store of stores()) {
    const answer = ask(store);
    if (answer !== null) return convert(answer);
  }
  return null;
}

/**
 * Returns the entries store by store, as Kafka Streams does. If a store cannot be read, the call
 * throws, not the iterator.
 */
function entriesOfAll<S extends StateStore, T, U>(
  { stores }: LocalStores<S>,
  read: (store: S) => StoreIterator<T>,
  convert: (item: T) => U,
): StoreIterator<U> {
  return converted(stores(), read, convert);
}

function* converted<S, T, U>(
  stores: readonly S[],
  read: (store: S) => StoreIterator<T>,
  convert: (item: T) => U,
): Generator<U, undefined> {
  for (const store of stores) {
    using items = read(store);
    for (const item of items) yield convert(item);
  }
}
