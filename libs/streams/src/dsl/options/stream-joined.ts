import type { Serde } from '../../serdes/serde.ts';

/** How two streams are joined. Absent serdes are those of the streams. */
export interface StreamJoined<K, V, VOther> {
  readonly keySerde?: Serde<K> | undefined;
  readonly valueSerde?: Serde<V> | undefined;
  readonly otherValueSerde?: Serde<VOther> | undefined;
  /** The first part of the names of the processors and of the repartition topics. */
  readonly name?: string | undefined;
  /** The first part of the names of the stores. */
  readonly storeName?: string | undefined;
  /** Default true. False: the stores have no changelog, and are lost with the state folder. */
  readonly logging?: boolean;
  /** Configs of the changelog topics. */
  readonly logConfigs?: Readonly<Record<string, string>>;
  /** Default false. True: the state is restored from the changelogs at each start. */
  readonly inMemory?: boolean;
}

export const streamJoined = <K, V, VOther>(options: StreamJoined<K, V, VOther>): StreamJoined<K, V, VOther> =>
  Object.freeze({ ...options });
