import type { GroupedStreamState } from './grouped-stream-state.ts';
import type { StreamState, TableState } from './stream-state.ts';
import type { KGroupedStream, KStream, KTable } from './streams-and-tables.ts';

/**
 * Makes the objects that the user sees of places in the graph. The classes get it as an argument,
 * since they would import each other otherwise.
 */
export interface Wrap {
  stream<K, V>(state: StreamState<K, V>): KStream<K, V>;
  groupedStream<K, V>(state: GroupedStreamState<K, V>): KGroupedStream<K, V>;
  table<K, V>(state: TableState<K, V>): KTable<K, V>;
}
