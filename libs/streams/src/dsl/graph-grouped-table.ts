import type { GroupedTableState } from './grouped-table-state.ts';
import { aggregateTable, countTable, reduceTable } from './operations/table-aggregate.ts';
import type { Materialized } from './options/materialized.ts';
import type { KGroupedTable, KTable } from './streams-and-tables.ts';
import type { Wrap } from './wrap.ts';

export class GraphGroupedTable<K, V> implements KGroupedTable<K, V> {
  readonly #state: GroupedTableState<K, V>;
  readonly #wrap: Wrap;

  constructor(state: GroupedTableState<K, V>, wrap: Wrap) {
    this.#state = state;
    this.#wrap = wrap;
  }

  count(materialized?: Materialized<K, number>, named?: string): KTable<K, number> {
    return this.#wrap.table(countTable(this.#state, { materialized, named }));
  }

  reduce(
    adder: (aggregate: V, value: V) => V | null,
    subtractor: (aggregate: V, value: V) => V | null,
    materialized?: Materialized<K, V>,
    named?: string,
  ): KTable<K, V> {
    return this.#wrap.table(reduceTable(this.#state, adder, subtractor, { materialized, named }));
  }

  aggregate<A>(
    initialize: () => A,
    adder: (key: K, value: V, aggregate: A) => A | null,
    subtractor: (key: K, value: V, aggregate: A) => A | null,
    materialized?: Materialized<K, A>,
    named?: string,
  ): KTable<K, A> {
    const options = { materialized, named };
    return this.#wrap.table(aggregateTable(this.#state, initialize, adder, subtractor, options));
  }
}
