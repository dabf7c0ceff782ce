import { passNode } from '../../nodes/stateless.ts';
import type { LateOutputs } from '../../nodes/windowed-aggregation.ts';
import { GraphNode } from '../graph-node.ts';
import type { StreamGraph } from '../stream-graph.ts';

/** The names of the children of a windowed aggregation whose late records have a listener. */
export const lateOutputs = (name: string): LateOutputs => ({
  updates: `${name}-updates`,
  late: `${name}-late`,
});

/** Adds a node that gets a part of what the aggregation forwards. Its name takes no index. */
export function addOutput(
  { graph, node: aggregation }: { readonly graph: StreamGraph; readonly node: GraphNode },
  name: string,
): { readonly node: GraphNode; readonly name: string } {
  const node = new GraphNode({
    name,
    write: (topology, parents) => topology.addProcessor({ name, parents, factory: passNode() }),
  });
  return { node: graph.add(aggregation, node), name };
}
