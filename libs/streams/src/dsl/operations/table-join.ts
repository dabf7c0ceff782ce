import { tableJoinNode, tableJoinMergeNode, JoinedTable, type JoinedTables } from '../../nodes/table-join.ts';
import { GraphNode } from '../graph-node.ts';
import type { TableJoined } from '../options/joins.ts';
import type { Materialized } from '../options/stores.ts';
import { keyValueStoreSpec, storePlan, type StorePlan, type TableOptions } from '../store-plan.ts';
import { graphState, type Joinable, type TableState } from '../stream-state.ts';
import { joinByForeignKey } from './foreign-key-join.ts';

/** The arguments of `join`, `leftJoin` and `outerJoin`. The interface checks their types. */
export type JoinOfTable = readonly [other: Joinable, ...rest: readonly unknown[]];

type OtherTable = Joinable<TableState<unknown, unknown>>;
type Joiner = (value: unknown, other: unknown) => never;
type ByKey = readonly [OtherTable, Joiner, Materialized<unknown, never>?, string?];
type ByForeignKey = readonly [
  OtherTable,
  (value: unknown, key: unknown) => unknown,
  Joiner,
  TableJoined<unknown, unknown>?,
  Materialized<unknown, never>?,
];

/** Joins a table with another one by key, or by a foreign key if two functions are given. */
export function joinTable<K, V>(
  table: TableState<K, V>,
  kind: 'inner' | 'left' | 'outer',
  join: JoinOfTable,
): TableState<K, never> {
  const left = table as TableState<unknown, unknown>;
  return joinUntyped(left, kind, join) as TableState<K, never>;
}

function joinUntyped(
  table: TableState<unknown, unknown>,
  kind: 'inner' | 'left' | 'outer',
  join: JoinOfTable,
): TableState<unknown, never> {
  if (isByForeignKey(join)) {
    const [other, foreignKeyOf, joiner, tableJoined, materialized] = join;
    const isLeft = kind === 'left';
    return joinByForeignKey(table, other[graphState], {
      foreignKeyOf,
      joiner,
      isLeft,
      tableJoined,
      materialized,
    });
  }
  const [other, joiner, materialized, named] = join as unknown as ByKey;
  return joinTables(table, other[graphState], { kind, joiner, materialized, named });
}

const isByForeignKey = (join: JoinOfTable): join is JoinOfTable & ByForeignKey =>
  typeof join[2] === 'function';

/** Without `materialized` the result has no store. */
type TableJoinPlan<K, V, VOther, VOut> = Pick<JoinedTables<K, V, VOther, VOut>, 'kind' | 'joiner'> &
  TableOptions<K, VOut>;

interface TableJoinNames {
  readonly merge: string;
  readonly left: string;
  readonly right: string;
}

/** Joins two tables by key. Each update of either updates the result. */
function joinTables<K, V, VOther, VOut>(
  table: TableState<K, V>,
  other: TableState<K, VOther>,
  { kind, joiner, materialized, named }: TableJoinPlan<K, V, VOther, VOut>,
): TableState<K, VOut> {
  const { graph } = table;
  const prefix = 'KTABLE-MERGE-';
  const plan = materialized && storePlan(graph.names, materialized, { prefix, keySerde: table.keySerde });
  const merge = graph.names.node(prefix, named);
  const sources = new Set([...table.sources, ...other.sources]);
  graph.copartition(sources);
  if (kind !== 'inner') table.view.enableSendingOldValues(true);
  if (kind === 'outer') other.view.enableSendingOldValues(true);
  const names = {
    merge,
    left: graph.names.suffixedNode('KTABLE-JOINTHIS-', named, '-join-this'),
    right: graph.names.suffixedNode('KTABLE-JOINOTHER-', named, '-join-other'),
  };
  const join = { kind, joiner, table: table.view, other: other.view };
  const view = new JoinedTable(join, plan?.name);
  const parents = { left: table.name, right: other.name };
  const node = graph.add([table.node, other.node], tableJoinGraphNode(names, parents, { join, view, plan }));
  return {
    graph,
    node,
    name: merge,
    keySerde: plan === undefined ? table.keySerde : plan.keySerde,
    valueSerde: plan?.valueSerde,
    sources,
    view,
    queryableStoreName: plan?.name,
  };
}

interface TableJoinParts<K, V, VOther, VOut> {
  readonly join: JoinedTables<K, V, VOther, VOut>;
  readonly view: JoinedTable<K, V, VOther, VOut>;
  readonly plan: StorePlan<K, VOut> | undefined;
}

function tableJoinGraphNode<K, V, VOther, VOut>(
  names: TableJoinNames,
  parents: { readonly left: string; readonly right: string },
  { join, view, plan }: TableJoinParts<K, V, VOther, VOut>,
): GraphNode {
  const { kind, joiner } = join;
  const table = join.table.readable();
  const other = join.other.readable();
  return new GraphNode({
    name: names.merge,
    write(topology) {
      topology.addProcessor({
        name: names.left,
        parents: [parents.left],
        factory: (context) =>
          tableJoinNode({ kind, joiner, other, sendOldValues: view.sendsOldValues }, context),
      });
      topology.addProcessor({
        name: names.right,
        parents: [parents.right],
        factory: (context) => {
          const reversed = {
            kind: kind === 'left' ? 'right' : kind,
            joiner: (v: VOther | null, o: V | null) => joiner(o, v),
          } as const;
          return tableJoinNode({ ...reversed, other: table, sendOldValues: view.sendsOldValues }, context);
        },
      });
      const storeName = plan?.name;
      topology.addProcessor({
        name: names.merge,
        parents: [names.left, names.right],
        factory: (context) => tableJoinMergeNode({ storeName, sendOldValues: view.sendsOldValues }, context),
      });
      if (plan !== undefined) topology.addStore(keyValueStoreSpec(plan), names.merge);
      topology.connect(names.left, other.storeNames);
      topology.connect(names.right, table.storeNames);
    },
  });
}
