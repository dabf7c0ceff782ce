import type { GraphNode } from './graph-node.ts';
import type { GroupedStreamState } from './grouped-stream-state.ts';
import type { StreamGraph } from './stream-graph.ts';

/** Grouped streams that are aggregated into one table. */
export interface CogroupedState<K, A> {
  readonly graph: StreamGraph;
  readonly members: readonly CogroupMember<K, A>[];
  /** The repartition topics of the members. All aggregations of the cogroup share them. */
  readonly repartitions: Map<unknown, { readonly node: GraphNode; readonly sourceName: string }>;
}

/** A grouped stream and what adds its records to the aggregate. */
export interface CogroupMember<K, A> {
  readonly grouped: GroupedStreamState<K, unknown>;
  readonly aggregate: (key: K, value: unknown, aggregate: A | null) => A | null;
}
