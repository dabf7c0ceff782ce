import type { Serde } from '../serdes/serde.ts';

interface CommonSpec<K, V> {
  readonly name: string;
  readonly keySerde: Serde<K>;
  readonly valueSerde: Serde<V>;
  /**
   * Whether updates wait in the cache for the commit, so that only the last one per key goes
   * downstream.
   */
  readonly caching: boolean;
  /**
   * The configs of the changelog that differ from the default. If undefined, there is no changelog.
   */
  readonly logConfigs: Readonly<Record<string, string>> | undefined;
  /** Whether the state is kept only in memory, and restored from the changelog at each start. */
  readonly inMemory: boolean;
  /**
   * Whether the records of the changelog have the headers of the record that is being processed, as
   * those of stream joins and foreign-key joins do in Kafka Streams. Otherwise they have none.
   */
  readonly logsHeaders?: boolean;
}

/** If `timestamped`, the store's values are `ValueAndTimestamp<V>`, otherwise plain `V`. */
export interface KeyValueStoreSpec<K = unknown, V = unknown> extends CommonSpec<K, V> {
  readonly kind: 'key_value';
  readonly timestamped: boolean;
}

export interface WindowStoreSpec<K = unknown, V = unknown> extends CommonSpec<K, V> {
  readonly kind: 'window';
  readonly timestamped: boolean;
  readonly retentionMs: number;
  readonly windowSizeMs: number;
  /**
   * Whether several values may have the same key and start. A sequence number distinguishes them.
   */
  readonly retainDuplicates: boolean;
  /**
   * Whether results are sent at window close. As in the time-ordered stores of Kafka Streams, a
   * window is then visible while its start is at or after `observed - retentionMs`. This is one
   * millisecond longer than otherwise, without which the closing window could not be read.
   */
  readonly emitsOnClose: boolean;
}

export interface SessionStoreSpec<K = unknown, V = unknown> extends CommonSpec<K, V> {
  readonly kind: 'session';
  readonly retentionMs: number;
  /**
   * Whether results are sent at window close, which needs `findSessionsEnding`. It finds sessions
   * that end in a live segment, even if they are too old for the other calls: those that end at or
   * after `observed - retentionMs`, rounded down to a multiple of `max(retentionMs / 2, 60_000)`.
   */
  readonly emitsOnClose: boolean;
}

/** The buffer of `suppress`: in memory, as in Kafka Streams, and restored from its changelog. */
export interface SuppressBufferSpec<K = unknown, V = unknown> {
  readonly kind: 'suppress_buffer';
  readonly name: string;
  readonly keySerde: Serde<K>;
  readonly valueSerde: Serde<V>;
  readonly logConfigs: Readonly<Record<string, string>> | undefined;
  /** Whether the node that uses it limits it. The limit of the application then does not apply. */
  readonly hasOwnLimits: boolean;
}

/** The declaration of a store. The runtime opens one such store per task. */
export type StoreSpec = KeyValueStoreSpec | WindowStoreSpec | SessionStoreSpec | SuppressBufferSpec;
