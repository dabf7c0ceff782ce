import type { Serde } from '../../serdes/serde.ts';

export interface RepartitionedOptions<K, V> {
  /** The name of the topic and of its nodes. */
  readonly name?: string;
  readonly keySerde?: Serde<K>;
  readonly valueSerde?: Serde<V>;
  /** Absent: as many as the topics upstream have. */
  readonly partitionCount?: number;
  /** Absent: the partition that the bytes of the key hash to. */
  partitioner?(
    topic: string,
    key: K,
    value: V,
    partitionCount: number,
  ): number | readonly number[] | undefined;
}
