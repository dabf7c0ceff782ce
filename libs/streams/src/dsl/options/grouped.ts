import type { Serde } from '../../serdes/serde.ts';

/** How a stream or a table is grouped. The name is that of the repartition topic. */
export interface Grouped<K, V> {
  readonly keySerde: Serde<K> | undefined;
  readonly valueSerde: Serde<V> | undefined;
  readonly name: string | undefined;
}

export const grouped = <K, V>(keySerde?: Serde<K>, valueSerde?: Serde<V>, name?: string): Grouped<K, V> =>
  Object.freeze({ keySerde, valueSerde, name });
