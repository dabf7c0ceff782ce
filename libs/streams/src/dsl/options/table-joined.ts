/** Chooses the partition of a key. Undefined: the partition that the key's bytes hash to. */
export type KeyPartitioner<K> = (topic: string, key: K, partitionCount: number) => number | undefined;

/** How two tables are joined by a foreign key. */
export interface TableJoined<K, KForeign> {
  /** The first part of the names of the processors, of the topics and of the store. */
  readonly name?: string | undefined;
  /** How the left table is partitioned, if not by the bytes of its key. */
  readonly partitioner?: KeyPartitioner<K> | undefined;
  /** How the right table is partitioned, if not by the bytes of its key. */
  readonly otherPartitioner?: KeyPartitioner<KForeign> | undefined;
}

export const tableJoined = <K, KForeign>(options: TableJoined<K, KForeign>): TableJoined<K, KForeign> =>
  Object.freeze({ ...options });
