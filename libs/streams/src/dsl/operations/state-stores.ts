import { userProcessorNode } from '../../nodes/user-processor.ts';
import type { ProcessorSupplier } from '../../processor/processor.ts';
import type { StoreSpec } from '../../state/store-spec.ts';
import { GraphNode } from '../graph-node.ts';
import type { Consumed } from '../options/consumed.ts';
import type { StreamGraph } from '../stream-graph.ts';
import { sourceSpec, tableSourceSuffix } from './sources.ts';

export function addStateStore(graph: StreamGraph, store: StoreSpec): void {
  const node = new GraphNode({ name: store.name, write: (topology) => topology.addStore(store) });
  graph.add(graph.root, node);
}

interface GlobalStoreInput<K, V> {
  readonly topic: string;
  readonly consumed: Consumed<K, V>;
  readonly supplier: ProcessorSupplier<K, V, never, never>;
}

/** The topic is the changelog of the store, so the store gets none. */
export function addGlobalStore<K, V>(
  graph: StreamGraph,
  store: StoreSpec,
  { topic, consumed, supplier }: GlobalStoreInput<K, V>,
): void {
  const { name: named } = consumed.options;
  const sourceName = graph.names.suffixedNode('KSTREAM-SOURCE-', named, tableSourceSuffix);
  const name = graph.names.node('KTABLE-SOURCE-', named);
  const node = new GraphNode({
    name: store.name,
    write(topology) {
      const processor = { name, parents: [sourceName], factory: userProcessorNode(supplier) };
      const source = sourceSpec(sourceName, [topic], consumed);
      topology.addGlobalStore(source, processor, { ...store, logConfigs: undefined });
    },
  });
  graph.add(graph.root, node);
}
