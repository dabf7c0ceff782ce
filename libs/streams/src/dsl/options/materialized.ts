import type { Serde } from '../../serdes/serde.ts';

export interface MaterializedOptions<K, V> {
  readonly keySerde?: Serde<K>;
  readonly valueSerde?: Serde<V>;
  /** Default true: only the last update per key and commit goes downstream. */
  readonly caching?: boolean;
  /** Default true. False: the store has no changelog, and is lost with the state folder. */
  readonly logging?: boolean;
  /** Configs of the changelog topic. */
  readonly logConfigs?: Readonly<Record<string, string>>;
  /** Default false. True: the state is restored from the changelog at each start. */
  readonly inMemory?: boolean;
  /** How long windows and sessions can be queried, in milliseconds. Ignored by other stores. */
  readonly retentionMs?: number;
}

/** How a table keeps its state. With a name the store can be queried. */
export interface Materialized<K, V> {
  readonly name: string | undefined;
  readonly options: MaterializedOptions<K, V>;
}

export const materialized = <K, V>(
  name?: string,
  options: MaterializedOptions<K, V> = {},
): Materialized<K, V> => Object.freeze({ name, options });
