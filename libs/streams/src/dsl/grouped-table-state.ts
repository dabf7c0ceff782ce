import type { GraphNode } from './graph-node.ts';
import type { TableState } from './stream-state.ts';

/** The place of a grouped table in the graph. */
export interface GroupedTableState<K, V> extends Pick<
  TableState<K, V>,
  'graph' | 'node' | 'name' | 'keySerde' | 'valueSerde' | 'sources'
> {
  readonly repartitionName: string | undefined;
  readonly shared: { repartitionNode: GraphNode | undefined };
}
