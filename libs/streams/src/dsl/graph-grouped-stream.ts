import type { GroupedStreamState } from './grouped-stream-state.ts';
import { aggregate, count, reduce } from './operations/stream-aggregate.ts';
import type { Materialized } from './options/materialized.ts';
import { graphState } from './stream-state.ts';
import type { KGroupedStream, KTable } from './streams-and-tables.ts';
import type { Wrap } from './wrap.ts';

export class GraphGroupedStream<K, V> implements KGroupedStream<K, V> {
  readonly [graphState]: GroupedStreamState<K, V>;
  readonly #wrap: Wrap;

  constructor(state: GroupedStreamState<K, V>, wrap: Wrap) {
    this[graphState] = state;
    this.#wrap = wrap;
  }

  count(materialized?: Materialized<K, number>, named?: string): KTable<K, number> {
    return this.#wrap.table(count(this[graphState], { materialized, named }));
  }

  reduce(
    reducer: (aggregate: V, value: V) => V,
    materialized?: Materialized<K, V>,
    named?: string,
  ): KTable<K, V> {
    return this.#wrap.table(reduce(this[graphState], reducer, { materialized, named }));
  }

  aggregate<A>(
    initialize: () => A,
    aggregator: (key: K, value: V, aggregate: A) => A | null,
    materialized?: Materialized<K, A>,
    named?: string,
  ): KTable<K, A> {
    return this.#wrap.table(aggregate(this[graphState], initialize, aggregator, { materialized, named }));
  }
}
