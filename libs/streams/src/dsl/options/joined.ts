import type { Serde } from '../../serdes/serde.ts';

/** How a stream is joined with a table. The serdes are for a repartition of the stream. */
export interface Joined<K, V> {
  readonly keySerde: Serde<K> | undefined;
  readonly valueSerde: Serde<V> | undefined;
  /** The name of the processor and of the repartition topic. */
  readonly name: string | undefined;
}

export const joined = <K, V>(keySerde?: Serde<K>, valueSerde?: Serde<V>, name?: string): Joined<K, V> =>
  Object.freeze({ keySerde, valueSerde, name });
