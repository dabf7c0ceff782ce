import type { Encoder, Serde } from '../serdes/serde.ts';
import type { KeyValueStoreSpec } from '../state/store-spec.ts';
import { TopologyError } from '../topology/topology-spec.ts';
import type { Materialized } from './options/stores.ts';
import type { OperatorNames } from './operator-names.ts';

/** The user's options for an operator whose result is a table. */
export interface TableOptions<K, V> {
  readonly materialized?: Materialized<K, V> | undefined;
  readonly named?: string | undefined;
}

/** The properties of a store that are known when an operator is called. */
export interface StorePlan<K, V> {
  readonly name: string;
  /** Undefined if the user gave no name. */
  readonly queryableStoreName: string | undefined;
  readonly keySerde: Serde<K> | undefined;
  readonly valueSerde: Serde<V> | undefined;
  readonly materialized: Materialized<K, V> | undefined;
}

interface StoreDefaults<K, V> {
  /** The prefix of the generated name if the user gave none. */
  readonly prefix: string;
  readonly keySerde?: Serde<K> | undefined;
  readonly valueSerde?: Serde<V> | undefined;
}

/** Names the store of an operator. Takes an index only if the user gave no name. */
export function storePlan<K, V>(
  names: OperatorNames,
  materialized: Materialized<K, V> | undefined,
  { prefix, keySerde, valueSerde }: StoreDefaults<K, V>,
): StorePlan<K, V> {
  return {
    name: materialized?.name ?? names.store(prefix),
    queryableStoreName: materialized?.name,
    keySerde: materialized?.options.keySerde ?? keySerde,
    valueSerde: materialized?.options.valueSerde ?? valueSerde,
    materialized,
  };
}

/** The parts that a plan shares with its table. */
export const planned = <K, V>({ keySerde, valueSerde, queryableStoreName }: StorePlan<K, V>) => ({
  keySerde,
  valueSerde,
  queryableStoreName,
});

/** The parts that stores of all kinds have in common. */
export function commonStoreSpec<K, V>({ name, keySerde, valueSerde, materialized }: StorePlan<K, V>) {
  const { caching = true, logging = true, logConfigs = {}, inMemory = false } = materialized?.options ?? {};
  const remedy = `Name it in materialized(${JSON.stringify(name)}, { ... })`;
  return {
    name,
    keySerde: requiredSerde(keySerde, `The store ${name}`, 'key', remedy),
    valueSerde: requiredSerde(valueSerde, `The store ${name}`, 'value', remedy),
    caching,
    logConfigs: logging ? logConfigs : undefined,
    inMemory,
  };
}

/**
 * The spec of a table's store, which keeps each value with its time. Throws `TopologyError` if a
 * serde is unknown.
 */
export const keyValueStoreSpec = <K, V>(plan: StorePlan<K, V>): KeyValueStoreSpec<K, V> => ({
  ...commonStoreSpec(plan),
  kind: 'key_value',
  timestamped: true,
});

/** Returns the serde, or throws a `TopologyError` that names its owner and the remedy. */
export function requiredSerde<Known extends Encoder<never>>(
  serde: Known | undefined,
  owner: string,
  part: 'key' | 'value',
  remedy: string,
): Known {
  if (serde !== undefined) return serde;
  throw new TopologyError(
    `${owner} needs the serde of its ${part}: an operator before it may have changed the type. ${remedy}`,
  );
}
