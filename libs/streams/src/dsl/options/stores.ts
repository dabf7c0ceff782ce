import type { Serde } from '../../serdes/serde.ts';
import type { KeyValueStoreSpec, SessionStoreSpec, WindowStoreSpec } from '../../state/store-spec.ts';

export interface StoreOptions {
  /** True: a read of the store sees the cache, and the changelog gets the last update of each commit. */
  readonly caching?: boolean;
  /** Default true. False: the store has no changelog, and is lost with the state folder. */
  readonly logging?: boolean;
  /** Configs of the changelog topic. */
  readonly logConfigs?: Readonly<Record<string, string>>;
  /** Default false. True: the state is restored from the changelog at each start. */
  readonly inMemory?: boolean;
}

/** By default there is a cache: only the last update per key and commit goes downstream. */
export interface MaterializedOptions<K, V> extends StoreOptions {
  readonly keySerde?: Serde<K>;
  readonly valueSerde?: Serde<V>;
  /** How long windows and sessions can be queried, in milliseconds. Ignored by other stores. */
  readonly retentionMs?: number;
}

/** How a table keeps its state. With a name the store can be queried. */
export interface Materialized<K, V> {
  readonly name: string | undefined;
  readonly options: MaterializedOptions<K, V>;
}

/**
 * Says how a table keeps its state: the store's name, its serdes, cache and changelog. Only a store
 * with a name can be queried, and keeps its changelog when operators are added before it.
 * `retentionMs` must cover the windows and their grace period.
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

/** A store for processors has no cache by default. */
export interface WindowStoreOptions extends StoreOptions {
  /** How long a window can be read, in milliseconds. */
  readonly retentionMs: number;
  readonly windowSizeMs: number;
  /** Default false. True: several values may have the same key and start. */
  readonly retainDuplicates?: boolean;
}

/** A store for processors, whose values are plain. */
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

/** A store for processors, whose values have a time. */
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
