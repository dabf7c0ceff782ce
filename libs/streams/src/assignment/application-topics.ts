import type { StoreSpec } from '../state/store-spec.ts';
import type { Topology } from '../topology/topology.ts';
import { type SubTopology, changelogTopic, internalTopic } from '../topology/topology-spec.ts';

/** The topics of a sub-topology, by their names on the broker. */
export interface SubTopologyTopics {
  readonly id: number;
  /** Input topics and repartition topics. */
  readonly sources: readonly string[];
  readonly sinks: readonly string[];
  readonly changelogs: readonly Changelog[];
}

interface Changelog {
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

/** Returns the topics of a topology. Global stores take no part, as each process reads all of them. */
export function applicationTopicsOf(topology: Topology, applicationId: string): ApplicationTopics {
  const nameOf = (topic: string) => topology.topicName(topic, applicationId);
  const topicsOf = ({ id, nodes, stores }: SubTopology): SubTopologyTopics => ({
    id,
    sources: nodes.flatMap((node) => (node.kind === 'source' ? node.topics.map(nameOf) : [])),
    sinks: nodes.flatMap((node) =>
      node.kind === 'sink' && node.topic !== undefined ? [nameOf(node.topic)] : [],
    ),
    changelogs: stores
      .filter(({ logConfigs }) => logConfigs !== undefined)
      .map((store) => ({ topic: changelogTopic(applicationId, store.name), store })),
  });
  return {
    subTopologies: topology.subTopologies.map(topicsOf),
    repartitions: new Map(
      topology.repartitionTopics.map(({ name, partitionCount }) => [
        internalTopic(applicationId, name),
        partitionCount,
      ]),
    ),
    copartitioned: topology.copartitionedTopics.map((group) => group.map(nameOf)),
  };
}
