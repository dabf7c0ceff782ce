import { describeTopology } from './describe.ts';
import {
  type GlobalStore,
  type RepartitionTopic,
  type SubTopology,
  changelogTopic,
  internalTopic,
} from './topology-spec.ts';

type TopologyParts = Pick<
  Topology,
  'subTopologies' | 'globalStores' | 'repartitionTopics' | 'copartitionedTopics'
>;

const isDrawnName = (name: string): boolean => /-\d{10}(-|$)/.test(name);

/** The computation of an application: its sub-topologies, their stores and their topics. Immutable. */
export class Topology {
  readonly subTopologies: readonly SubTopology[];
  readonly globalStores: readonly GlobalStore[];
  /**
   * The repartition topics. Their names lack the prefix of the application id, as in sources and
   * sinks.
   */
  readonly repartitionTopics: readonly RepartitionTopic[];
  /** Groups of source topics that must have the same number of partitions. */
  readonly copartitionedTopics: readonly (readonly string[])[];

  readonly #internalTopics: ReadonlySet<string>;

  constructor(parts: TopologyParts) {
    this.#internalTopics = new Set(parts.repartitionTopics.map(({ name }) => name));
    this.subTopologies = parts.subTopologies;
    this.globalStores = parts.globalStores;
    this.repartitionTopics = parts.repartitionTopics;
    this.copartitionedTopics = parts.copartitionedTopics;
  }

  /** Returns the name on the broker of a topic of the sources and sinks. */
  topicName(topic: string, applicationId: string): string {
    return this.#internalTopics.has(topic) ? internalTopic(applicationId, topic) : topic;
  }

  /**
   * Returns the topic that holds the contents of a store: its changelog, or the source of a global
   * store.
   */
  storeTopic(storeName: string, applicationId: string): string {
    const global = this.globalStores.find(({ store }) => store.name === storeName);
    return global?.source.topics[0] ?? changelogTopic(applicationId, storeName);
  }

  /**
   * The stores with a changelog and the repartition topics whose names were generated. An operator
   * that is added before them changes the names, and the application then no longer finds its
   * state.
   */
  drawnNames(): readonly string[] {
    const stores = this.subTopologies.flatMap((subTopology) => subTopology.stores);
    const logged = stores.filter(({ logConfigs }) => logConfigs !== undefined);
    return [...logged, ...this.repartitionTopics].map(({ name }) => name).filter(isDrawnName);
  }

  /** Returns all sub-topologies as one, without global stores, for a task that runs them all. */
  asOneSubTopology(): SubTopology {
    return {
      id: 0,
      nodes: this.subTopologies.flatMap(({ nodes }) => nodes),
      stores: this.subTopologies.flatMap(({ stores }) => stores),
    };
  }

  /** Returns the text of `TopologyDescription` in Kafka Streams 4.3. */
  describe(): string {
    return describeTopology(this.subTopologies, this.globalStores);
  }
}
