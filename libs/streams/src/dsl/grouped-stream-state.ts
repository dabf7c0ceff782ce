import type { GraphNode } from './graph-node.ts';
import type { StreamState } from './stream-state.ts';

/** The place of a grouped stream in the graph. */
export interface GroupedStreamState<K, V> extends StreamState<K, V> {
  /** The name that the user gave the repartition topic. All aggregations of the group share it. */
  readonly repartitionName: string | undefined;
  readonly shared: { repartitionNode: GraphNode | undefined };
}
