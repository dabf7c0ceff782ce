import { derivedGetter, DerivedTable, tableDeriveNode, withTime } from '../../nodes/derived-table.ts';
import type { ValueGetter } from '../../nodes/table-view.ts';
import type { NodeContext } from '../../processor/node.ts';
import type { Serde } from '../../serdes/serde.ts';
import type { Change } from '../../processor/record.ts';
import { processorNode } from '../graph-node.ts';
import { keyValueStoreSpec, storePlan, type StorePlan, type TableOptions } from '../store-plan.ts';
import type { TableState } from '../stream-state.ts';

export function filterTable<K, V>(
  table: TableState<K, V>,
  predicate: (key: K, value: V) => boolean,
  { materialized, named }: TableOptions<K, V>,
): TableState<K, V> {
  const derive = (key: K, value: V) => (predicate(key, value) ? value : null);
  // Without old values, a filter would send deletions of rows that it never let pass.
  const sendsOldValues = table.view.enableSendingOldValues(false);
  return addDerivedTable(table, {
    prefix: 'KTABLE-FILTER-',
    named,
    materialized,
    valueSerde: materialized?.options.valueSerde ?? table.valueSerde,
    newDerive: () => (key, value) => (value === null ? null : derive(key, value)),
    getter: derivedGetter(derive),
    skipsAbsent: true,
    sendsOldValues,
  });
}

export function mapTableValues<K, V, VOut>(
  table: TableState<K, V>,
  mapper: (value: V, key: K) => VOut | null,
  { materialized, named }: TableOptions<K, VOut>,
): TableState<K, VOut> {
  const derive = (key: K, value: V) => mapper(value, key);
  return addDerivedTable(table, {
    prefix: 'KTABLE-MAPVALUES-',
    named,
    materialized,
    valueSerde: materialized?.options.valueSerde,
    newDerive: () => (key, value) => (value === null ? null : derive(key, value)),
    getter: derivedGetter(derive),
  });
}

interface DerivedTablePlan<K, V, VOut> extends TableOptions<K, VOut> {
  readonly prefix: string;
  readonly valueSerde: Serde<VOut> | undefined;
  /** Creates the function with which one task derives values. */
  readonly newDerive: (context: NodeContext) => (key: K, value: V | null) => VOut | null;
  readonly getter: (read: ValueGetter<K, V>, context: NodeContext) => ValueGetter<K, VOut>;
  readonly skipsAbsent?: boolean;
  readonly sendsOldValues?: boolean;
  /** Whether an index is taken that no store uses, as Kafka Streams does. */
  readonly drawsStore?: boolean;
  readonly storeNames?: readonly string[];
}

/** Adds a table whose values follow from another one. It has a store only if that has a name. */
function addDerivedTable<K, V, VOut>(
  table: TableState<K, V>,
  plan: DerivedTablePlan<K, V, VOut>,
): TableState<K, VOut> {
  const { graph } = table;
  const { prefix, materialized, named, drawsStore = true } = plan;
  if (drawsStore && materialized !== undefined && materialized.name === undefined) graph.names.store(prefix);
  const name = graph.names.node(prefix, named);
  const store = derivedStore(table, plan);
  const view = new DerivedTable({ parent: table.view, storeName: store?.name, getter: plan.getter });
  const node = processorNode({
    name,
    factory: (context: NodeContext<K, Change<VOut>>) =>
      tableDeriveNode<K, V, VOut>(
        {
          derive: plan.newDerive(context),
          storeName: view.storeName,
          sendOldValues: view.sendsOldValues || (plan.sendsOldValues ?? false),
          skipsAbsent: plan.skipsAbsent ?? false,
        },
        context,
      ),
    store: () => store && keyValueStoreSpec(store),
    storeNames: plan.storeNames ?? [],
  });
  graph.add(table.node, node);
  return {
    graph,
    node,
    name,
    keySerde: materialized?.options.keySerde ?? table.keySerde,
    valueSerde: plan.valueSerde,
    sources: table.sources,
    view,
    queryableStoreName: store?.name,
  };
}

function derivedStore<K, V, VOut>(
  table: TableState<K, V>,
  { materialized, prefix, valueSerde }: DerivedTablePlan<K, V, VOut>,
): StorePlan<K, VOut> | undefined {
  if (materialized?.name === undefined) return undefined;
  return storePlan(table.graph.names, materialized, { prefix, keySerde: table.keySerde, valueSerde });
}

/** Computes values with stores, times and callbacks. */
export interface ValueTransformer<K, V, VOut> {
  /** The transformer must not forward records. */
  init?(context: Omit<NodeContext, 'forward'>): void;
  /** The value is null if the table has none. */
  transform(key: K, value: V | null): VOut | null;
  close?(): void;
}

export interface TransformOptions<K, V> extends TableOptions<K, V> {
  /** The names of stores of the builder that the transformer uses. */
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

/**
 * Reads through a transformer. It sees the time of the value that is read, not that of the record
 * that reads it.
 */
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
