import type { StreamState, TableState, GroupedStreamState, GroupedTableState } from './stream-state.ts';
import type { KGroupedStream, KGroupedTable, KStream, KTable } from './streams-and-tables.ts';

/**
 * Creates the objects that the user calls. They create each other, so they get these functions as
 * an argument; otherwise their files would import each other.
 */
export interface Wrap {
  stream<K, V>(state: StreamState<K, V>): KStream<K, V>;
  groupedStream<K, V>(state: GroupedStreamState<K, V>): KGroupedStream<K, V>;
  groupedTable<K, V>(state: GroupedTableState<K, V>): KGroupedTable<K, V>;
  table<K, V>(state: TableState<K, V>): KTable<K, V>;
}
