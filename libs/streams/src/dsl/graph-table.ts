import { mapValuesNode } from '../nodes/stateless.ts';
import type { NodeFactory } from '../processor/node.ts';
import type { Change } from '../processor/record.ts';
import { GraphNode } from './graph-node.ts';
import { joinTable, type JoinOfTable } from './operations/table-join.ts';
import {
  filterTable,
  mapTableValues,
  type TransformOptions,
  transformTableValues,
  type ValueTransformer,
} from './operations/derived-tables.ts';
import { groupTable } from './operations/group.ts';
import { aggregateTable, countTable, reduceTable } from './operations/table-aggregate.ts';
import type { Grouped } from './options/topics.ts';
import type { Materialized } from './options/stores.ts';
import { suppress } from './operations/suppress.ts';
import type { Suppressed } from './options/suppressed.ts';
import { graphState, type TableState, type GroupedTableState, type StreamState } from './stream-state.ts';
import type { KGroupedTable, KStream, KTable } from './streams-and-tables.ts';
import type { Wrap } from './wrap.ts';

export class GraphTable<K, V> implements KTable<K, V> {
  readonly [graphState]: TableState<K, V>;
  readonly #wrap: Wrap;

  constructor(state: TableState<K, V>, wrap: Wrap) {
    this[graphState] = state;
    this.#wrap = wrap;
  }

  get queryableStoreName(): string | undefined {
    return this[graphState].queryableStoreName;
  }

  filter(
    predicate: (key: K, value: V) => boolean,
    materialized?: Materialized<K, V>,
    named?: string,
  ): KTable<K, V> {
    return this.#wrap.table(filterTable(this[graphState], predicate, { materialized, named }));
  }

  filterNot(
    predicate: (key: K, value: V) => boolean,
    materialized?: Materialized<K, V>,
    named?: string,
  ): KTable<K, V> {
    return this.filter((key, value) => !predicate(key, value), materialized, named);
  }

  mapValues<VOut>(
    mapper: (value: V, key: K) => VOut | null,
    materialized?: Materialized<K, VOut>,
    named?: string,
  ): KTable<K, VOut> {
    return this.#wrap.table(mapTableValues(this[graphState], mapper, { materialized, named }));
  }

  transformValues<VOut>(
    newTransformer: () => ValueTransformer<K, V, VOut>,
    options: TransformOptions<K, VOut> = {},
  ): KTable<K, VOut> {
    return this.#wrap.table(transformTableValues(this[graphState], newTransformer, options));
  }

  groupBy<KOut, VOut>(
    select: (key: K, value: V) => readonly [KOut, VOut],
    grouped?: Grouped<KOut, VOut>,
  ): KGroupedTable<NonNullable<KOut>, NonNullable<VOut>> {
    const known = groupTable(this[graphState], select, grouped);
    return this.#wrap.groupedTable(known as GroupedTableState<NonNullable<KOut>, NonNullable<VOut>>);
  }

  toStream(named?: string): KStream<K, V | null> {
    return this.#wrap.stream(toStream(this[graphState], named));
  }

  // The overloads of these methods are those of the interface.
  join(...join: JoinOfTable): KTable<K, never> {
    return this.#wrap.table(joinTable(this[graphState], 'inner', join));
  }

  leftJoin(...join: JoinOfTable): KTable<K, never> {
    return this.#wrap.table(joinTable(this[graphState], 'left', join));
  }

  outerJoin(...join: JoinOfTable): KTable<K, never> {
    return this.#wrap.table(joinTable(this[graphState], 'outer', join));
  }

  suppress(suppressed: Suppressed): KTable<K, V> {
    return this.#wrap.table(suppress(this[graphState], suppressed));
  }
}

/** The updates of a table as a stream. Null is a deletion. */
function toStream<K, V>(table: TableState<K, V>, named?: string): StreamState<K, V | null> {
  const { graph, keySerde, valueSerde, sources } = table;
  const name = graph.names.node('KTABLE-TOSTREAM-', named);
  const factory: NodeFactory<K, Change<V>, K, V | null> = mapValuesNode((change) => change.newValue);
  const node = new GraphNode({
    name,
    write: (topology, parents) => topology.addProcessor({ name, parents, factory }),
  });
  graph.add(table.node, node);
  return { graph, node, name, keySerde, valueSerde, sources, repartitionRequired: false };
}

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
