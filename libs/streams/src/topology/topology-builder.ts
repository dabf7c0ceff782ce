import type { StoreSpec } from '../state/store-spec.ts';
import { Topology } from './topology.ts';
import {
  type GlobalStore,
  type NodeSpec,
  type ProcessorDeclaration,
  type ProcessorSpec,
  type SinkSpec,
  type SourceSpec,
  type SubTopology,
  TopologyError,
} from './topology-spec.ts';

const lengthMax = 249;

/** Collects nodes, stores and topics, and divides them into sub-topologies. */
export class TopologyBuilder {
  readonly #nodes = new Map<string, NodeSpec>();
  readonly #groups = new NodeGroups();
  readonly #stores = new Map<string, StoreSpec>();
  readonly #storeUsers = new Map<string, string[]>();
  readonly #globalStores = new Map<string, Omit<GlobalStore, 'id'>>();
  readonly #repartitionTopics = new Map<string, number | undefined>();
  readonly #copartitionedSources: (readonly string[])[] = [];

  addSource(source: SourceSpec): this {
    if (source.topics.length === 0) throw new TopologyError(`The source ${source.name} needs a topic`);
    source.topics.forEach((topic) => this.#checkTopicIsFree(topic));
    this.#add(source, []);
    return this;
  }

  addProcessor({ name, parents, factory }: ProcessorDeclaration): this {
    this.#add({ kind: 'processor', name, parents, factory, storeNames: [] }, parents);
    return this;
  }

  addSink(sink: SinkSpec): this {
    this.#add(sink, sink.parents);
    return this;
  }

  /** Adds a store. Processors that share a store run in the same tasks. */
  addStore(store: StoreSpec, ...processors: readonly string[]): this {
    checkName('store', store.name);
    const known = this.#stores.get(store.name);
    if ((known !== undefined && known !== store) || this.#globalStores.has(store.name)) {
      throw new TopologyError(`Two stores have the name ${store.name}. Give one of them another name`);
    }
    this.#stores.set(store.name, store);
    processors.forEach((processor) => this.connect(processor, [store.name]));
    return this;
  }

  connect(processor: string, storeNames: readonly string[]): this {
    for (const storeName of storeNames) this.#connect(processor, storeName);
    return this;
  }

  /** Adds a store that every process fills from all partitions of the topic. */
  addGlobalStore(source: SourceSpec, processor: ProcessorDeclaration, store: StoreSpec): this {
    if (this.#stores.has(store.name) || this.#globalStores.has(store.name)) {
      throw new TopologyError(`Two stores have the name ${store.name}. Give one of them another name`);
    }
    this.addSource(source);
    const storeNames = [store.name];
    const spec: ProcessorSpec = { ...processor, kind: 'processor', parents: [source.name], storeNames };
    this.#add(spec, spec.parents);
    this.#globalStores.set(store.name, { source, processor: spec, store });
    return this;
  }

  addRepartitionTopic(name: string, partitionCount?: number): this {
    checkName('topic', name);
    this.#repartitionTopics.set(name, partitionCount);
    return this;
  }

  /** Requires that the topics of these sources have the same number of partitions. */
  copartition(sourceNames: readonly string[]): this {
    this.#copartitionedSources.push(sourceNames);
    return this;
  }

  build(): Topology {
    const copartitionedTopics = this.#copartitionedTopics();
    checkPartitionCounts(copartitionedTopics, this.#repartitionTopics);
    const subTopologies: SubTopology[] = [];
    const globalStores: GlobalStore[] = [];
    const groups = this.#groups.groups();
    groups.forEach((names, id) => {
      const global = [...this.#globalStores.values()].find(({ source }) => names.includes(source.name));
      if (global === undefined) subTopologies.push(this.#subTopology(id, names));
      else globalStores.push({ id, ...global });
    });
    const repartitionTopics = [...this.#repartitionTopics].map(([name, partitionCount]) => ({
      name,
      partitionCount,
    }));
    return new Topology({ subTopologies, globalStores, repartitionTopics, copartitionedTopics });
  }

  #add(spec: NodeSpec, parents: readonly string[]): void {
    checkName('node', spec.name);
    if (this.#nodes.has(spec.name)) {
      throw new TopologyError(`Two nodes have the name ${spec.name}. Give one of them another name`);
    }
    if (spec.kind !== 'source' && parents.length === 0) {
      throw new TopologyError(`The node ${spec.name} needs a parent`);
    }
    for (const parent of parents) this.#checkParent(spec.name, parent);
    this.#nodes.set(spec.name, spec);
    this.#groups.add(spec.name);
    parents.forEach((parent) => this.#groups.unite(spec.name, parent));
  }

  #checkParent(name: string, parent: string): void {
    const spec = this.#nodes.get(parent);
    if (spec === undefined)
      throw new TopologyError(`The parent ${parent} of ${name} is unknown. Add it first`);
    if (spec.kind === 'sink') throw new TopologyError(`The parent ${parent} of ${name} is a sink`);
  }

  #checkTopicIsFree(topic: string): void {
    for (const spec of this.#nodes.values()) {
      if (spec.kind === 'source' && spec.topics.includes(topic)) {
        throw new TopologyError(`The topic ${topic} has a source already: ${spec.name}`);
      }
    }
  }

  #connect(processor: string, storeName: string): void {
    const spec = this.#nodes.get(processor);
    if (this.#globalStores.has(storeName)) {
      throw new TopologyError(`${processor} needs no connection to the global store ${storeName}. Remove it`);
    }
    if (!this.#stores.has(storeName)) {
      throw new TopologyError(`The store ${storeName} of ${processor} is unknown. Add it with addStateStore`);
    }
    if (spec?.kind !== 'processor')
      throw new TopologyError(`${processor} is not a processor of the topology`);
    const users = this.#storeUsers.get(storeName) ?? [];
    if (users[0] !== undefined) this.#groups.unite(users[0], processor);
    this.#storeUsers.set(storeName, [...users, processor]);
    if (spec.storeNames.includes(storeName)) return;
    this.#nodes.set(processor, { ...spec, storeNames: [...spec.storeNames, storeName] });
  }

  #subTopology(id: number, names: readonly string[]): SubTopology {
    const nodes = names.map((name) => this.#nodes.get(name)).filter((spec) => spec !== undefined);
    const used = new Set(nodes.flatMap((spec) => (spec.kind === 'processor' ? spec.storeNames : [])));
    const stores = [...this.#stores.values()].filter(({ name }) => used.has(name));
    return { id, nodes, stores };
  }

  #copartitionedTopics(): readonly (readonly string[])[] {
    return this.#copartitionedSources.map((sourceNames) => [
      ...new Set(sourceNames.flatMap((name) => this.#topicsOf(name))),
    ]);
  }

  #topicsOf(sourceName: string): readonly string[] {
    const spec = this.#nodes.get(sourceName);
    return spec?.kind === 'source' ? spec.topics : [];
  }
}

/** Throws `TopologyError` if topics that are read together have different numbers of partitions. */
function checkPartitionCounts(
  groups: readonly (readonly string[])[],
  partitionCounts: ReadonlyMap<string, number | undefined>,
): void {
  for (const topics of groups) {
    const counts = topics.map((topic) => partitionCounts.get(topic));
    if (counts.includes(undefined) || new Set(counts).size <= 1) continue;
    const listed = topics.map((topic, index) => `${topic} (${counts[index]})`).sort();
    throw new TopologyError(
      `These topics are joined but have different numbers of partitions: ${listed.join(', ')}. ` +
        'Give them the same partitionCount',
    );
  }
}

/**
 * Checks a name. Any name may become part of a topic's name, so Kafka's rules for topics apply to
 * all.
 */
function checkName(kind: 'node' | 'store' | 'topic', name: string): void {
  const isLegal = /^[a-zA-Z0-9._-]+$/.test(name) && name !== '.' && name !== '..';
  if (isLegal && name.length <= lengthMax) return;
  throw new TopologyError(
    `The ${kind} name ${JSON.stringify(name)} is not legal. Use up to ${lengthMax} letters, digits, '.', '_' and '-'`,
  );
}

/** Nodes that are connected to each other, by edges or by a store that they share. */
class NodeGroups {
  readonly #parents = new Map<string, string>();

  add(name: string): void {
    this.#parents.set(name, name);
  }

  unite(one: string, other: string): void {
    this.#parents.set(this.#root(other), this.#root(one));
  }

  /**
   * Returns the groups in the order of their first nodes, each with its nodes in the order of their
   * addition.
   */
  groups(): readonly (readonly string[])[] {
    const groups = new Map<string, string[]>();
    for (const name of this.#parents.keys()) {
      const root = this.#root(name);
      const group = groups.get(root);
      if (group === undefined) groups.set(root, [name]);
      else group.push(name);
    }
    return [...groups.values()];
  }

  #root(name: string): string {
    let root = name;
    for (let parent = this.#parents.get(root); parent !== undefined && parent !== root;) {
      root = parent;
      parent = this.#parents.get(root);
    }
    return root;
  }
}
