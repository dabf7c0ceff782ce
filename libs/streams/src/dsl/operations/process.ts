import type { NodeFactory } from '../../processor/node.ts';
import type { ProcessorSupplier } from '../../processor/processor.ts';
import type { StoreSpec } from '../../state/store-spec.ts';
import { GraphNode } from '../graph-node.ts';
import type { Consumed } from '../options/topics.ts';
import type { StreamGraph } from '../stream-graph.ts';
import type { StreamState } from '../stream-state.ts';
import { sourceSpec, tableSourceSuffix } from './sources.ts';

export interface ProcessOptions {
  readonly named?: string;
  /** Names of stores that were added to the builder, or stores that only this processor uses. */
  readonly stores?: readonly (string | StoreSpec)[];
}

/** Adds a user's processor. Unlike most operators, it uses up no index if it has a name. */
export function addUserProcessor<K, V, KOut, VOut>(
  { graph, node: parent }: StreamState<K, V>,
  prefix: string,
  supplier: ProcessorSupplier<K, V, KOut, VOut>,
  { named, stores = [] }: ProcessOptions,
): { readonly name: string; readonly node: GraphNode } {
  const name = named ?? graph.names.node(prefix);
  const node = new GraphNode({
    name,
    write(topology, parents) {
      topology.addProcessor({ name, parents, factory: userProcessorNode(supplier) });
      for (const store of stores) {
        if (typeof store === 'string') topology.connect(name, [store]);
        else topology.addStore(store, name);
      }
    },
  });
  return { name, node: graph.add(parent, node) };
}

/** A node that runs the user's code. */
const userProcessorNode =
  <K, V, KOut, VOut>(supplier: ProcessorSupplier<K, V, KOut, VOut>): NodeFactory<K, V, KOut, VOut> =>
  (context) => {
    const processor = supplier();
    processor.init?.(context);
    return processor;
  };

export function addStateStore(graph: StreamGraph, store: StoreSpec): void {
  const node = new GraphNode({ name: store.name, write: (topology) => topology.addStore(store) });
  graph.add(graph.root, node);
}

interface GlobalStoreInput<K, V> {
  readonly topic: string;
  readonly consumed: Consumed<K, V>;
  readonly supplier: ProcessorSupplier<K, V, never, never>;
}

/** Adds a global store. Its topic serves as its changelog, so it gets none of its own. */
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
