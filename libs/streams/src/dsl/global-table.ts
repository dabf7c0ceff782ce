import type { GlobalTableState } from './operations/sources.ts';
import type { graphState } from './stream-state.ts';

/** A table of which every process holds all keys. For joins. */
export interface GlobalKTable<K, V> {
  readonly [graphState]: GlobalTableState<K, V>;
  readonly queryableStoreName: string | undefined;
}
