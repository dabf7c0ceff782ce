import type { StoreSpec } from '../state/store-spec.ts';

/** The topics of a sub-topology, by their names on the broker. */
export interface SubTopologyTopics {
  readonly id: number;
  /** Input topics and repartition topics. */
  readonly sources: readonly string[];
  readonly sinks: readonly string[];
  readonly changelogs: readonly Changelog[];
}

export interface Changelog {
  readonly topic: string;
  readonly store: StoreSpec;
}

/** The topics of an application, by their names on the broker. */
export interface ApplicationTopics {
  readonly subTopologies: readonly SubTopologyTopics[];
  /** The repartition topics with their number of partitions, if the topology states it. */
  readonly repartitions: ReadonlyMap<string, number | undefined>;
  /** Groups of sources that need the same number of partitions. */
  readonly copartitioned: readonly (readonly string[])[];
}

/** The number of partitions of each topic, by name. */
export type PartitionCounts = ReadonlyMap<string, number>;
