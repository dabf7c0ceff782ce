import type { EmitStrategy } from '../processor/windows.ts';
import type { Serde } from '../serdes/serde.ts';
import type { TableView } from '../nodes/table-view.ts';
import type { GraphNode } from './graph-node.ts';
import type { StreamGraph } from './stream-graph.ts';
import type { AnyWindows } from './window-kinds.ts';

/** The key under which a stream or table holds its state, for joins and merges. */
export const graphState: unique symbol = Symbol('the place in the graph');

/** A stream or table that the user has passed. */
export interface Joinable<State = object> {
  readonly [graphState]: State;
}

/** A stream's position in the graph. Operators take one and return the next. */
export interface StreamState<K, V> {
  readonly graph: StreamGraph;
  readonly node: GraphNode;
  readonly name: string;
  /** Undefined after an operator that may change the type. */
  readonly keySerde: Serde<K> | undefined;
  readonly valueSerde: Serde<V> | undefined;
  /** The sources whose records arrive here. They are needed for co-partitioning. */
  readonly sources: ReadonlySet<string>;
  /**
   * Whether the key may have changed. Operators that need equal keys in one partition then
   * repartition first.
   */
  readonly repartitionRequired: boolean;
}

/** A table's position in the graph. */
export interface TableState<K, V> extends Omit<StreamState<K, V>, 'repartitionRequired'> {
  /** How operators downstream read the table and ask for old values. */
  readonly view: TableView<K, V>;
  /** The store that can be queried, if the table has one. */
  readonly queryableStoreName: string | undefined;
}

/** A grouped stream's position in the graph. */
export interface GroupedStreamState<K, V> extends StreamState<K, V> {
  /** The user's name for the repartition topic. All aggregations of the group share it. */
  readonly repartitionName: string | undefined;
  readonly shared: { repartitionNode: GraphNode | undefined };
}

/** A grouped stream whose records belong to windows. */
export interface WindowedStreamState<K, V> {
  readonly grouped: GroupedStreamState<K, V>;
  readonly windows: AnyWindows;
  readonly emitStrategy: EmitStrategy;
  /** If undefined, late records are dropped, and the graph has no node for them. */
  readonly onLate: ((late: StreamState<K, V>) => void) | undefined;
}

/** A grouped table's position in the graph. */
export interface GroupedTableState<K, V> extends Pick<
  TableState<K, V>,
  'graph' | 'node' | 'name' | 'keySerde' | 'valueSerde' | 'sources'
> {
  readonly repartitionName: string | undefined;
  readonly shared: { repartitionNode: GraphNode | undefined };
}

/** Grouped streams that are aggregated into one table. */
export interface CogroupedState<K, A> {
  readonly graph: StreamGraph;
  readonly members: readonly CogroupMember<K, A>[];
  /** The repartition topics of the members. All aggregations of the cogroup share them. */
  readonly repartitions: Map<unknown, { readonly node: GraphNode; readonly sourceName: string }>;
}

/** A grouped stream, and the function that adds its records to the aggregate. */
export interface CogroupMember<K, A> {
  readonly grouped: GroupedStreamState<K, unknown>;
  readonly aggregate: (key: K, value: unknown, aggregate: A | null) => A | null;
}
