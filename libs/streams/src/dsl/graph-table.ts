import { tableRegroupNode } from '../nodes/aggregate.ts';
import { mapValuesNode } from '../nodes/stateless.ts';
import type { NodeContext } from '../processor/node.ts';
import type { Change } from '../processor/record.ts';
import type { Serde } from '../serdes/serde.ts';
import { serdes } from '../serdes/serdes.ts';
import { processorNode } from './graph-node.ts';
import { filterTable, mapTableValues, transformTableValues } from './operations/derived-tables.ts';
import { suppress } from './operations/suppress.ts';
import { aggregateTable } from './operations/table-aggregate.ts';
import { joinTable, type JoinOfTable } from './operations/table-join.ts';
import type { Grouped } from './options/topics.ts';
import { graphState, type TableState, type GroupedTableState } from './stream-state.ts';
import type { KGroupedTable, KTable } from './streams-and-tables.ts';
import type { Wrap } from './wrap.ts';

export function graphTable<K, V>(state: TableState<K, V>, wrap: Wrap): KTable<K, V> {
  const { graph, queryableStoreName } = state;
  const filter: KTable<K, V>['filter'] = (predicate, materialized, named) =>
    wrap.table(filterTable(state, predicate, { materialized, named }));
  const join =
    (kind: 'inner' | 'left' | 'outer') =>
    (...others: JoinOfTable) =>
      wrap.table(joinTable(state, kind, others));
  return {
    [graphState]: state,
    queryableStoreName,
    filter,
    filterNot: (predicate, materialized, named) =>
      filter((key, value) => !predicate(key, value), materialized, named),
    mapValues: (mapper, materialized, named) =>
      wrap.table(mapTableValues(state, mapper, { materialized, named })),
    transformValues: (newTransformer, options = {}) =>
      wrap.table(transformTableValues(state, newTransformer, options)),
    groupBy: (select, grouped) => wrap.groupedTable(groupTable(state, select, grouped)),
    toStream(named) {
      const { keySerde, valueSerde, sources } = state;
      const name = graph.names.node('KTABLE-TOSTREAM-', named);
      const factory = mapValuesNode<K, Change<V>, V | null>(({ newValue }) => newValue);
      const node = graph.add(state.node, processorNode({ name, factory }));
      return wrap.stream({ graph, node, name, keySerde, valueSerde, sources, repartitionRequired: false });
    },
    join: join('inner'),
    leftJoin: join('left'),
    outerJoin: join('outer'),
    suppress: (suppressed) => wrap.table(suppress(state, suppressed)),
  };
}

function groupTable<K, V, KOut, VOut>(
  { graph, node: parent, sources, view }: TableState<K, V>,
  select: (key: K, value: V) => readonly [KOut, VOut],
  { keySerde, valueSerde, name: named }: Partial<Grouped<KOut, VOut>> = {},
): GroupedTableState<NonNullable<KOut>, NonNullable<VOut>> {
  const name = graph.names.node('KTABLE-SELECT-', named);
  const areEqual = sameBytes(keySerde);
  const factory = (context: NodeContext<KOut, Change<VOut>>) =>
    tableRegroupNode({ select, areEqual }, context);
  const node = graph.add(parent, processorNode({ name, factory }));
  view.enableSendingOldValues(true);
  const shared = { repartitionNode: undefined };
  const group = { graph, node, name, keySerde, valueSerde, sources, repartitionName: named, shared };
  return group as GroupedTableState<NonNullable<KOut>, NonNullable<VOut>>;
}

/**
 * Compares keys by their bytes. Java compares them by `equals`, which JavaScript objects do not
 * have.
 */
const sameBytes =
  <K>(serde: Serde<K> | undefined) =>
  (one: K, other: K): boolean => {
    if (Object.is(one, other)) return true;
    if (typeof one !== 'object' || typeof other !== 'object') return false;
    const oneBytes = serde?.encode(one, '') ?? null;
    const otherBytes = serde?.encode(other, '') ?? null;
    return oneBytes !== null && otherBytes !== null && Buffer.compare(oneBytes, otherBytes) === 0;
  };

export const groupedTable = <K, V>(state: GroupedTableState<K, V>, wrap: Wrap): KGroupedTable<K, V> => ({
  count(materialized, named) {
    const add = (_key: K, _value: V, total: number | null) => (total ?? 0) + 1;
    const subtract = (_key: K, _value: V, total: number) => total - 1;
    const aggregation = { prefix: 'KTABLE-AGGREGATE-', valueSerde: serdes.safeLong, add, subtract };
    return wrap.table(aggregateTable(state, aggregation, { materialized, named }));
  },
  reduce(adder, subtractor, materialized, named) {
    const add = (_key: K, value: V, before: V | null) => (before === null ? value : adder(before, value));
    const subtract = (_key: K, value: V, before: V) => subtractor(before, value);
    const aggregation = { prefix: 'KTABLE-REDUCE-', valueSerde: state.valueSerde, add, subtract };
    return wrap.table(aggregateTable(state, aggregation, { materialized, named }));
  },
  aggregate: (initialize, adder, subtract, materialized, named) =>
    wrap.table(aggregateTable(state, adding(initialize, adder, subtract), { materialized, named })),
});

const adding = <K, V, A>(
  initialize: () => A,
  adder: (key: K, value: V, aggregate: A) => A | null,
  subtract: (key: K, value: V, aggregate: A) => A | null,
) => ({
  prefix: 'KTABLE-AGGREGATE-',
  valueSerde: undefined,
  add: (key: K, value: V, before: A | null) => adder(key, value, before ?? initialize()),
  subtract,
});
