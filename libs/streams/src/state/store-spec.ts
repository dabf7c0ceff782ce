import type { Serde } from '../serdes/serde.ts';

interface CommonSpec<K, V> {
  readonly name: string;
  readonly keySerde: Serde<K>;
  readonly valueSerde: Serde<V>;
  /** True: updates wait in the cache for the commit, and only the last per key goes downstream. */
  readonly caching: boolean;
  /** The configs of the changelog that differ from the default; undefined: no changelog. */
  readonly logConfigs: Readonly<Record<string, string>> | undefined;
  /** True: the state is kept in memory only, and restored from the changelog at each start. */
  readonly inMemory: boolean;
  /**
   * True: the records of the changelog have the headers of the record that is being processed, as
   * in the stores of stream joins and foreign-key joins in Kafka Streams. Else they have none.
   */
  readonly logsHeaders?: boolean;
}

/** `timestamped`: the store's values are `ValueAndTimestamp<V>`, else plain `V`. */
export interface KeyValueStoreSpec<K = unknown, V = unknown> extends CommonSpec<K, V> {
  readonly kind: 'key_value';
  readonly timestamped: boolean;
}

export interface WindowStoreSpec<K = unknown, V = unknown> extends CommonSpec<K, V> {
  readonly kind: 'window';
  readonly timestamped: boolean;
  readonly retentionMs: number;
  readonly windowSizeMs: number;
  /** True: several values may have the same key and start, told apart by a sequence number. */
  readonly retainDuplicates: boolean;
  /**
   * True: the results leave at window close. As in the time-ordered stores of Kafka Streams, a
   * window is then visible while its start is at or after `observed - retentionMs`, which is one
   * millisecond longer than otherwise. Without it, the window that closes could not be read.
   */
  readonly emitsOnClose: boolean;
}

export interface SessionStoreSpec<K = unknown, V = unknown> extends CommonSpec<K, V> {
  readonly kind: 'session';
  readonly retentionMs: number;
  /**
   * True: the results leave at window close, and `findSessionsEnding` is in use. It finds sessions
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
  /** True: the node that uses it limits it, so the limit of the application leaves it out. */
  readonly hasOwnLimits: boolean;
}

/** The description of a store that a node needs. The runtime opens one such store per task. */
export type StoreSpec = KeyValueStoreSpec | WindowStoreSpec | SessionStoreSpec | SuppressBufferSpec;
