import type { ForeignKeyJoin } from '../../nodes/foreign-key-join.ts';
import type { NodeFactory } from '../../processor/node.ts';
import type { StoreSpec } from '../../state/store-spec.ts';
import { GraphNode } from '../graph-node.ts';
import type { TableJoined } from '../options/table-joined.ts';
import type { TableState } from '../stream-state.ts';
import type { ForeignKeyJoinNames } from './foreign-key-join-names.ts';

/** The two tables of a foreign-key join, and what was decided about it. */
export interface ForeignKeySides<K, V, KForeign, VForeign> {
  readonly table: TableState<K, V>;
  readonly foreignTable: TableState<KForeign, VForeign>;
  readonly names: ForeignKeyJoinNames;
  readonly join: ForeignKeyJoin<K, V, KForeign, VForeign>;
  readonly tableJoined: TableJoined<K, KForeign>;
}

interface StatefulNode {
  readonly name: string;
  readonly factory: NodeFactory;
  /** Stores that it adds, and stores of other operators that it reads. */
  readonly stores?: readonly StoreSpec[];
  readonly storeNames?: readonly string[];
}

export const statefulNode = ({ name, factory, stores = [], storeNames = [] }: StatefulNode): GraphNode =>
  new GraphNode({
    name,
    write(topology, parents) {
      topology.addProcessor({ name, parents, factory });
      for (const store of stores) topology.addStore(store, name);
      topology.connect(name, storeNames);
    },
  });
