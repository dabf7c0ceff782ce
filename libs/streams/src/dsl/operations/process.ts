import { userProcessorNode } from '../../nodes/user-processor.ts';
import type { ProcessorSupplier } from '../../processor/processor.ts';
import type { StoreSpec } from '../../state/store-spec.ts';
import { GraphNode } from '../graph-node.ts';
import type { StreamState } from '../stream-state.ts';

export interface ProcessOptions {
  readonly named?: string;
  /** Names of stores that were added to the builder, or stores that only this processor uses. */
  readonly stores?: readonly (string | StoreSpec)[];
}

export function process<K, V, KOut, VOut>(
  stream: StreamState<K, V>,
  supplier: ProcessorSupplier<K, V, KOut, VOut>,
  options: ProcessOptions,
): StreamState<KOut, VOut> {
  const { name, node } = addUserProcessor(stream, 'KSTREAM-PROCESSOR-', supplier, options);
  return { ...stream, name, node, keySerde: undefined, valueSerde: undefined, repartitionRequired: true };
}

export function processValues<K, V, VOut>(
  stream: StreamState<K, V>,
  supplier: ProcessorSupplier<K, V, K, VOut>,
  options: ProcessOptions,
): StreamState<K, VOut> {
  const { name, node } = addUserProcessor(stream, 'KSTREAM-PROCESSVALUES-', supplier, options);
  return { ...stream, name, node, valueSerde: undefined };
}

function addUserProcessor<K, V, KOut, VOut>(
  { graph, node: parent }: StreamState<K, V>,
  prefix: string,
  supplier: ProcessorSupplier<K, V, KOut, VOut>,
  { named, stores = [] }: ProcessOptions,
): { readonly name: string; readonly node: GraphNode } {
  // Other than for most operators, a name here draws no index.
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
