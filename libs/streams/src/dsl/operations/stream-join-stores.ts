import type { Serde } from '../../serdes/serde.ts';
import { unmatchedValuesSerde, type UnmatchedValues } from '../../serdes/unmatched-values.ts';
import { unmatchedKeySerde, type UnmatchedKey } from '../../serdes/unmatched.ts';
import type { KeyValueStoreSpec, WindowStoreSpec } from '../../state/store-spec.ts';
import type { JoinWindows } from '../options/join-windows.ts';
import type { StreamJoined } from '../options/stream-joined.ts';

export interface JoinSerdes<K, V, VOther> {
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  readonly other: Serde<VOther>;
}

type StoreOptions = Pick<StreamJoined<unknown, unknown, unknown>, 'logging' | 'logConfigs' | 'inMemory'>;

/** Keeps the records of one side, also several of one key and time. */
export const joinWindowStore = <K, V>(
  name: string,
  windows: JoinWindows,
  { keySerde, valueSerde }: { readonly keySerde: Serde<K>; readonly valueSerde: Serde<V> },
  { logging = true, logConfigs = {}, inMemory = false }: StoreOptions,
): WindowStoreSpec<K, V> => ({
  kind: 'window',
  name,
  keySerde,
  valueSerde,
  timestamped: false,
  retentionMs: windows.sizeMs + windows.graceMs,
  windowSizeMs: windows.sizeMs,
  retainDuplicates: true,
  emitsOnClose: false,
  logsHeaders: true,
  caching: false,
  // A compacted topic would keep one record of the duplicates.
  logConfigs: logging ? { ...logConfigs, 'cleanup.policy': 'delete' } : undefined,
  inMemory,
});

/** Keeps the records of both sides that have found no match so far. */
export const unmatchedStore = <K, V, VOther>(
  name: string,
  { key, value, other }: JoinSerdes<K, V, VOther>,
  { logging = true, logConfigs = {}, inMemory = false }: StoreOptions,
): KeyValueStoreSpec<UnmatchedKey<K>, UnmatchedValues<V | VOther>> => ({
  kind: 'key_value',
  name,
  keySerde: unmatchedKeySerde(key),
  valueSerde: unmatchedValuesSerde(value, other),
  timestamped: false,
  caching: false,
  logConfigs: logging ? logConfigs : undefined,
  inMemory,
});
