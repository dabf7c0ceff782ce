import type { ValueGetter } from '../../nodes/table-view.ts';
import { withTime } from '../../nodes/derived-table.ts';
import type { NodeContext } from '../../processor/node-context.ts';
import type { TableState } from '../stream-state.ts';
import { addDerivedTable, type TableOptions } from './derived-tables.ts';

/** Computes values with stores, times and callbacks. */
export interface ValueTransformer<K, V, VOut> {
  /** The transformer must not forward records. */
  init?(context: Omit<NodeContext, 'forward'>): void;
  /** Gets null where the table has no value. */
  transform(key: K, value: V | null): VOut | null;
  close?(): void;
}

export interface TransformOptions<K, V> extends TableOptions<K, V> {
  /** Stores that were added to the builder, for the transformer. */
  readonly stores?: readonly string[];
}

export function transformTableValues<K, V, VOut>(
  table: TableState<K, V>,
  newTransformer: () => ValueTransformer<K, V, VOut>,
  { stores, ...options }: TransformOptions<K, VOut>,
): TableState<K, VOut> {
  const started = (context: NodeContext) => {
    const transformer = newTransformer();
    transformer.init?.(context);
    context.onClose(() => transformer.close?.());
    return transformer;
  };
  return addDerivedTable(table, {
    ...options,
    prefix: 'KTABLE-TRANSFORMVALUES-',
    drawsStore: false,
    valueSerde: options.materialized?.options.valueSerde,
    newDerive(context) {
      const transformer = started(context);
      return (key, value) => transformer.transform(key, value);
    },
    getter: (read, context) => transformedGetter(read, context, started(context)),
    storeNames: stores ?? [],
  });
}

/** The transformer sees the time of the value that is read, not that of the record that reads it. */
function transformedGetter<K, V, VOut>(
  read: ValueGetter<K, V>,
  context: NodeContext,
  transformer: ValueTransformer<K, V, VOut>,
): ValueGetter<K, VOut> {
  return (key) => {
    const stored = read(key);
    const timestampMs = stored?.timestampMs ?? -1;
    const readContext = { topic: '', partition: -1, offset: -1n, timestampMs, headers: [] };
    let value: VOut | null = null;
    context.withRecordContext(readContext, () => {
      value = transformer.transform(key, stored?.value ?? null);
    });
    return withTime<VOut>(value, timestampMs);
  };
}
