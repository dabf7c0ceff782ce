import type { Serde } from '../../serdes/serde.ts';

export interface ProducedOptions<K, V> {
  /** The name of the sink. */
  readonly name?: string;
  /** Absent: the partition that the bytes of the key hash to. */
  partitioner?(
    topic: string,
    key: K,
    value: V,
    partitionCount: number,
  ): number | readonly number[] | undefined;
}

/** How a topic is written. */
export interface Produced<K, V> {
  readonly keySerde: Serde<K> | undefined;
  readonly valueSerde: Serde<V> | undefined;
  readonly options: ProducedOptions<K, V>;
}

export const produced = <K, V>(
  keySerde?: Serde<K>,
  valueSerde?: Serde<V>,
  options: ProducedOptions<K, V> = {},
): Produced<K, V> => Object.freeze({ keySerde, valueSerde, options });
