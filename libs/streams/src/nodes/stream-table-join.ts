import type { NodeContext } from '../processor/node-context.ts';
import type { Node } from '../processor/node.ts';
import type { ReadableTable } from './table-view.ts';

export interface StreamTableJoin<K, V, KTable, VTable, VOut> {
  readonly table: Pick<ReadableTable<KTable, VTable>, 'valueGetter'>;
  /** The key of the table that a record looks up. Null: none. */
  readonly tableKeyOf: (key: K, value: V) => KTable | null;
  readonly joiner: (key: K, value: V, tableValue: VTable | null) => VOut;
  /** True: a record that finds nothing is joined with null, else it has no effect. */
  readonly isLeft: boolean;
}

/** Joins each record of a stream with what a table holds at that moment. The table never emits. */
export function streamTableJoinNode<K, V, KTable, VTable, VOut>(
  { table, tableKeyOf, joiner, isLeft }: StreamTableJoin<K, V, KTable, VTable, VOut>,
  context: NodeContext<K, VOut>,
): Node<K, V | null> {
  const valueOf = table.valueGetter(context);
  return {
    process({ key, value, timestampMs, headers }) {
      if (value === null) return context.drop(key === null ? 'null_key' : 'null_value');
      const tableKey = tableKeyOf(key, value);
      if (tableKey === null && !isLeft) return context.drop('null_key');
      const found = tableKey === null ? null : valueOf(tableKey);
      if (found === null && !isLeft) return;
      context.forward({ key, value: joiner(key, value, found?.value ?? null), timestampMs, headers });
    },
  };
}
