import { SourceTable, tableSourceNode } from '../../nodes/source-table.ts';
import { type ReadableTable, readableStore } from '../../nodes/table-view.ts';
import type { NodeContext } from '../../processor/node.ts';
import type { Change } from '../../processor/record.ts';
import { type SourceSpec, TopologyError } from '../../topology/topology-spec.ts';
import { GraphNode } from '../graph-node.ts';
import type { Consumed } from '../options/topics.ts';
import type { Materialized } from '../options/stores.ts';
import type { StreamGraph } from '../stream-graph.ts';
import { keyValueStoreSpec, planned, type StorePlan, storePlan } from '../store-plan.ts';
import type { StreamState, TableState, graphState } from '../stream-state.ts';

export const tableSourceSuffix = '-source';

/** A table of which every process holds all keys, for joins. */
export interface GlobalKTable<K, V> {
  readonly [graphState]: GlobalTableState<K, V>;
  readonly queryableStoreName: string | undefined;
}

export function streamSource<K, V>(
  graph: StreamGraph,
  topics: readonly string[],
  consumed: Consumed<K, V>,
): StreamState<K, V> {
  const { keySerde, valueSerde, options } = consumed;
  const name = graph.names.node('KSTREAM-SOURCE-', options.name);
  const node = new GraphNode({
    name,
    source: { topics, offsetReset: options.offsetReset },
    write: (topology) => topology.addSource(sourceSpec(name, topics, consumed)),
  });
  graph.add(graph.root, node);
  return { graph, node, name, keySerde, valueSerde, sources: new Set([name]), repartitionRequired: false };
}

export function tableSource<K, V>(
  graph: StreamGraph,
  topic: string,
  consumed: Consumed<K, V>,
  materialized?: Materialized<K, V>,
): TableState<K, V> {
  const { keySerde, valueSerde, options } = consumed;
  const plan = storePlan(graph.names, materialized, { prefix: `${topic}-`, keySerde, valueSerde });
  const sourceName = graph.names.suffixedNode('KSTREAM-SOURCE-', options.name, tableSourceSuffix);
  const name = graph.names.node('KTABLE-SOURCE-', options.name);
  const source = sourceSpec(sourceName, [topic], consumed);
  const parent = { graph, node: graph.root, sources: new Set([sourceName]), source };
  return { ...addSourceTable(parent, name, plan), keySerde, valueSerde };
}

interface SourceTableParent extends Pick<StreamState<unknown, unknown>, 'graph' | 'node' | 'sources'> {
  /** The topic of the table, if both are added together. */
  readonly source?: SourceSpec;
}

/**
 * Adds a table with the newest value of each key of the records before it. The table has a store if
 * the user named the store, or if an operator reads it.
 */
export function addSourceTable<K, V>(
  { graph, node: parent, sources, source }: SourceTableParent,
  name: string,
  plan: StorePlan<K, V>,
): TableState<K, V> {
  const view = new SourceTable<K, V>(plan.name, plan.queryableStoreName !== undefined);
  const factory = (context: NodeContext<K, Change<V>>) =>
    tableSourceNode({ storeName: view.storeName, sendOldValues: view.sendsOldValues }, context);
  const node = new GraphNode({
    name,
    write(topology, parents) {
      if (source !== undefined) topology.addSource(source);
      topology.addProcessor({ name, parents: source === undefined ? parents : [source.name], factory });
      if (view.storeName !== undefined) topology.addStore(keyValueStoreSpec(plan), name);
    },
  });
  return { ...planned(plan), graph, node: graph.add(parent, node), name, sources, view };
}

/** The parts of a global table that a join uses. */
export interface GlobalTableState<K, V> {
  readonly graph: StreamGraph;
  readonly readable: ReadableTable<K, V>;
  readonly queryableStoreName: string | undefined;
}

export function globalTableSource<K, V>(
  graph: StreamGraph,
  topic: string,
  consumed: Consumed<K, V>,
  materialized?: Materialized<K, V>,
): GlobalTableState<K, V> {
  const { keySerde, valueSerde, options } = consumed;
  const plan = storePlan(graph.names, materialized, { prefix: `${topic}-`, keySerde, valueSerde });
  const sourceName = graph.names.suffixedNode('KSTREAM-SOURCE-', options.name, tableSourceSuffix);
  const name = graph.names.node('KTABLE-SOURCE-', options.name);
  const node = new GraphNode({
    name,
    write(topology) {
      if (plan.queryableStoreName === undefined && materialized !== undefined)
        throw namelessGlobalTable(topic);
      const store = { ...keyValueStoreSpec(plan), logConfigs: undefined, caching: false };
      const source = sourceSpec(sourceName, [topic], consumed);
      const processor = {
        name,
        parents: [sourceName],
        factory: tableSourceNode.bind(undefined, { storeName: plan.name, sendOldValues: false }),
      };
      topology.addGlobalStore(source, processor, store);
    },
  });
  graph.add(graph.root, node);
  return {
    graph,
    readable: readableStore(plan.name),
    queryableStoreName: plan.queryableStoreName,
  };
}

/** The error for a global table without a named store. Kafka Streams refuses it as well. */
const namelessGlobalTable = (topic: string): TopologyError =>
  new TopologyError(
    `The global table of ${topic} has a materialized(...) without a name, and so no store: ` +
      'name it, or leave materialized(...) out',
  );

export function sourceSpec<K, V>(
  name: string,
  topics: readonly string[],
  { keySerde, valueSerde, options }: Consumed<K, V>,
): SourceSpec<K, V> {
  const { offsetReset, timestampExtractor } = options;
  return {
    kind: 'source',
    name,
    topics: [...new Set(topics)],
    keySerde,
    valueSerde,
    offsetReset,
    ...(timestampExtractor !== undefined && { timestampOf: timestampExtractor }),
  };
}
