import type { EmitStrategy } from '../processor/emit-strategy.ts';
import type { GroupedStreamState } from './grouped-stream-state.ts';
import type { StreamState } from './stream-state.ts';
import type { AnyWindows } from './window-kinds.ts';

/** A grouped stream whose records belong to windows. */
export interface WindowedStreamState<K, V> {
  readonly grouped: GroupedStreamState<K, V>;
  readonly windows: AnyWindows;
  readonly emitStrategy: EmitStrategy;
  /** Undefined: late records are dropped, and the graph has no node for them. */
  readonly onLate: ((late: StreamState<K, V>) => void) | undefined;
}
