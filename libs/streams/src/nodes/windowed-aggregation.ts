import type { EmitStrategy } from '../processor/emit-strategy.ts';

/** The options that all windowed aggregations of a stream have in common. */
export interface WindowedAggregation<K, V, A> {
  readonly storeName: string;
  readonly emitStrategy: EmitStrategy;
  readonly sendOldValues: boolean;
  /** The children of a node that has a late output. Undefined: all children get the updates. */
  readonly outputs?: LateOutputs | undefined;
  initialize(): A | null;
  aggregate(key: K, value: V, aggregate: A | null): A | null;
}

export interface LateOutputs {
  readonly updates: string;
  readonly late: string;
}
