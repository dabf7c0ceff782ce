import type { ForeignKeyJoin } from '../../nodes/foreign-key-join.ts';
import { SourceTable, tableSourceNode } from '../../nodes/source-table.ts';
import { GraphNode } from '../graph-node.ts';
import type { Materialized } from '../options/stores.ts';
import type { TableJoined } from '../options/joins.ts';
import { keyValueStoreSpec, requiredSerde, storePlan } from '../store-plan.ts';
import type { TableState } from '../stream-state.ts';
import {
  foreignKeyJoinNames,
  type ForeignKeyJoinNames,
  addSubscriptions,
  addResponses,
} from './foreign-key-sides.ts';

export interface ForeignKeyJoinPlan<K, V, KForeign, VForeign, VOut> {
  /** Null: the row has no foreign key. */
  readonly foreignKeyOf: (value: V, key: K) => KForeign | null;
  readonly joiner: (value: V, foreignValue: VForeign | null) => VOut | null;
  readonly isLeft: boolean;
  readonly tableJoined: TableJoined<K, KForeign> | undefined;
  readonly materialized: Materialized<K, VOut> | undefined;
}

/**
 * Joins each row of a table with the row of another table that it names. The rows meet where the
 * other table is, and the results come back over a second topic (KIP-213).
 */
export function joinByForeignKey<K, V, KForeign, VForeign, VOut>(
  table: TableState<K, V>,
  foreignTable: TableState<KForeign, VForeign>,
  plan: ForeignKeyJoinPlan<K, V, KForeign, VForeign, VOut>,
): TableState<K, VOut> {
  foreignTable.view.enableSendingOldValues(true);
  table.view.enableSendingOldValues(true);
  const { graph } = table;
  const { tableJoined = {}, isLeft, joiner, foreignKeyOf } = plan;
  const names = foreignKeyJoinNames(graph.names, tableJoined.name);
  const join = foreignKeyJoin(table, foreignTable, names, isLeft);
  const sides = { table, foreignTable, names, join, tableJoined };
  const responses = addSubscriptions(sides, foreignKeyOf);
  const responded = addResponses(sides, responses, joiner);
  return resultTable(table, names, responded, plan.materialized);
}

function foreignKeyJoin<K, V, KForeign, VForeign>(
  table: TableState<K, V>,
  foreignTable: TableState<KForeign, VForeign>,
  names: ForeignKeyJoinNames,
  isLeft: boolean,
): ForeignKeyJoin<K, V, KForeign, VForeign> {
  const remedy = 'Name it in materialized(...) of the table';
  const left = `The left table ${table.name} of a foreign-key join`;
  const right = `The right table ${foreignTable.name} of a foreign-key join`;
  return {
    subscriptionTopic: names.subscriptionTopic,
    subscriptionStoreName: names.subscriptionStore,
    keySerde: requiredSerde(table.keySerde, left, 'key', remedy),
    valueSerde: requiredSerde(table.valueSerde, left, 'value', remedy),
    foreignKeySerde: requiredSerde(foreignTable.keySerde, right, 'key', remedy),
    foreignValueSerde: requiredSerde(foreignTable.valueSerde, right, 'value', remedy),
    isLeft,
  };
}

/** The result is a table as that of a topic, with a store only if it was named or is read. */
function resultTable<K, V, VOut>(
  table: TableState<K, V>,
  { responseSource, result: name }: ForeignKeyJoinNames,
  resolver: GraphNode,
  materialized: Materialized<K, VOut> | undefined,
): TableState<K, VOut> {
  const { graph, keySerde } = table;
  const plan = storePlan(graph.names, materialized, { prefix: 'KTABLE-FK-JOIN-OUTPUT-', keySerde });
  const view = new SourceTable<K, VOut>(plan.name, plan.isQueryable);
  const node = new GraphNode({
    name,
    write(topology, parents) {
      topology.addProcessor({
        name,
        parents,
        factory: (context) =>
          tableSourceNode<K, VOut>(
            { storeName: view.storeName, sendOldValues: view.sendsOldValues },
            context,
          ),
      });
      if (view.storeName !== undefined) topology.addStore(keyValueStoreSpec(plan), name);
    },
  });
  graph.add(resolver, node);
  return {
    graph,
    node,
    name,
    keySerde,
    valueSerde: plan.valueSerde,
    sources: new Set([...table.sources, responseSource]),
    view,
    queryableStoreName: plan.isQueryable ? plan.name : undefined,
  };
}
