import type { Serde } from '../../serdes/serde.ts';
import type { KeyValueStoreSpec, SessionStoreSpec, WindowStoreSpec } from '../../state/store-spec.ts';

export interface StoreOptions {
  /**
   * Whether the store has a cache. Reads see the cache, and the changelog gets only the last update
   * of each commit.
   */
  readonly caching?: boolean;
  /**
   * Whether the store has a changelog (default true). Without one, it is lost with the state
   * folder.
   */
  readonly logging?: boolean;
  /** Configs of the changelog topic. */
  readonly logConfigs?: Readonly<Record<string, string>>;
  /**
   * Whether the store is kept in memory and restored from the changelog at each start (default
   * false).
   */
  readonly inMemory?: boolean;
}

/**
 * Options of a table's store. By default it has a cache, so only the last update per key and commit
 * goes downstream.
 */
export interface MaterializedOptions<K, V> extends StoreOptions {
  readonly keySerde?: Serde<K>;
  readonly valueSerde?: Serde<V>;
  /** How long windows and sessions can be queried, in milliseconds. Ignored by other stores. */
  readonly retentionMs?: number;
}

/** How a table keeps its state. A store with a name can be queried. */
export interface Materialized<K, V> {
  readonly name: string | undefined;
  readonly options: MaterializedOptions<K, V>;
}

/**
 * Says how a table keeps its state: the store's name, its serdes, cache and changelog. Only a store
 * with a name can be queried, and keeps its changelog when operators are added before it.
 * A missing serde, and a `retentionMs` shorter than the windows and their grace period, are refused with
 * `TopologyError`.
 *
 * @example
 * ```ts
 * import { consumed, materialized, serdes, StreamsBuilder } from '@millrace/streams';
 *
 * new StreamsBuilder()
 *   .stream('bells', consumed(serdes.string, serdes.string))
 *   .groupByKey()
 *   .count(materialized('bells-per-room', { caching: false })); // sends every update
 * ```
 */
export const materialized = <K, V>(
  name?: string,
  options: MaterializedOptions<K, V> = {},
): Materialized<K, V> => Object.freeze({ name, options });

/** Options of a window store for processors. It has no cache by default. */
export interface WindowStoreOptions extends StoreOptions {
  /** How long a window can be read, in milliseconds. */
  readonly retentionMs: number;
  readonly windowSizeMs: number;
  /** Whether several values may have the same key and start (default false). */
  readonly retainDuplicates?: boolean;
}

/** Declares a key-value store for processors. Its values have no times. */
export const keyValueStore = <K, V>(
  name: string,
  keySerde: Serde<K>,
  valueSerde: Serde<V>,
  options: StoreOptions = {},
): KeyValueStoreSpec<K, V> => ({
  ...common(name, keySerde, valueSerde, options),
  kind: 'key_value',
  timestamped: false,
});

/** Declares a key-value store for processors that keeps each value with its time. */
export const timestampedKeyValueStore = <K, V>(
  name: string,
  keySerde: Serde<K>,
  valueSerde: Serde<V>,
  options: StoreOptions = {},
): KeyValueStoreSpec<K, V> => ({
  ...common(name, keySerde, valueSerde, options),
  kind: 'key_value',
  timestamped: true,
});

/** Declares a store of windows for processors. Give it to `addStateStore`. */
export const windowStore = <K, V>(
  name: string,
  keySerde: Serde<K>,
  valueSerde: Serde<V>,
  { retentionMs, windowSizeMs, retainDuplicates = false, ...options }: WindowStoreOptions,
): WindowStoreSpec<K, V> => ({
  ...common(name, keySerde, valueSerde, options),
  kind: 'window',
  timestamped: false,
  retentionMs,
  windowSizeMs,
  retainDuplicates,
  emitsOnClose: false,
});

/** Declares a store of sessions for processors. Sessions can be read for `retentionMs`. */
export const sessionStore = <K, V>(
  name: string,
  keySerde: Serde<K>,
  valueSerde: Serde<V>,
  { retentionMs, ...options }: StoreOptions & { readonly retentionMs: number },
): SessionStoreSpec<K, V> => ({
  ...common(name, keySerde, valueSerde, options),
  kind: 'session',
  retentionMs,
  emitsOnClose: false,
});

function common<K, V>(
  name: string,
  keySerde: Serde<K>,
  valueSerde: Serde<V>,
  { caching = false, logging = true, logConfigs = {}, inMemory = false }: StoreOptions,
) {
  return { name, keySerde, valueSerde, caching, logConfigs: logging ? logConfigs : undefined, inMemory };
}
