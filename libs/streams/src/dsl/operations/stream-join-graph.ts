import { passNode } from '../../nodes/stateless.ts';
import { StreamJoinTrackers } from '../../nodes/unmatched-records.ts';
import { StreamJoinNode, type StreamJoinSide, joinWindowNode } from '../../nodes/stream-join.ts';
import type { StoreSpec, WindowStoreSpec } from '../../state/store-spec.ts';
import type { TopologyBuilder } from '../../topology/topology-builder.ts';
import { GraphNode } from '../graph-node.ts';
import type { OperatorNames } from '../operator-names.ts';
import type { JoinWindows } from '../options/joins.ts';

export interface StreamJoinStores {
  readonly left: WindowStoreSpec;
  readonly right: WindowStoreSpec;
  readonly unmatched: StoreSpec | undefined;
}

interface JoinPlan<K, V, VOther, VOut> {
  readonly joiner: (value: V | null, other: VOther | null, key: K | null) => VOut;
  readonly windows: JoinWindows;
  readonly outer: OuterSides;
}

/** Puts the records of one side into its store. */
export const windowNode = (name: string, store: WindowStoreSpec): GraphNode =>
  new GraphNode({
    name,
    write(topology, parents) {
      const factory = joinWindowNode.bind(undefined, { storeName: store.name });
      topology.addProcessor({ name, parents, factory });
      topology.addStore(store, name);
    },
  });

/** Both sides of the join, and what brings their results together. */
export function streamJoinNode<K, V, VOther, VOut>(
  names: StreamJoinNames,
  stores: StreamJoinStores,
  plan: JoinPlan<K, V, VOther, VOut>,
): GraphNode {
  const { left, right } = joinSides(stores, plan);
  return new GraphNode({
    name: names.merge,
    keepsNullKeys: plan.outer.left || plan.outer.right,
    write(topology) {
      addSide(topology, left, {
        name: names.left,
        parent: names.leftWindow,
        stores: [stores.right, stores.unmatched],
      });
      addSide(topology, right, {
        name: names.right,
        parent: names.rightWindow,
        stores: [stores.left, stores.unmatched],
      });
      topology.addProcessor({ name: names.merge, parents: [names.left, names.right], factory: passNode() });
    },
  });
}

function joinSides<K, V, VOther, VOut>(
  stores: StreamJoinStores,
  { joiner, windows, outer }: JoinPlan<K, V, VOther, VOut>,
) {
  const { beforeMs, afterMs, graceMs } = windows;
  const unmatched = stores.unmatched && {
    storeName: stores.unmatched.name,
    waits: { left: afterMs + graceMs, right: beforeMs + graceMs },
    trackers: new StreamJoinTrackers(),
  };
  const left: StreamJoinSide<K, V, VOther, VOut> = {
    unmatched,
    side: 'left',
    joiner: (key, value, other) => joiner(value, other, key),
    beforeMs,
    afterMs,
    otherStoreName: stores.right.name,
    isOuter: outer.left,
  };
  const right: StreamJoinSide<K, VOther, V, VOut> = {
    unmatched,
    side: 'right',
    joiner: (key, value, other) => joiner(other, value, key),
    beforeMs: afterMs,
    afterMs: beforeMs,
    otherStoreName: stores.left.name,
    isOuter: outer.right,
  };
  return { left, right };
}

interface SidePlace {
  readonly name: string;
  readonly parent: string;
  readonly stores: readonly (StoreSpec | undefined)[];
}

function addSide<K, VThis, VOther, VOut>(
  topology: TopologyBuilder,
  side: StreamJoinSide<K, VThis, VOther, VOut>,
  { name, parent, stores }: SidePlace,
): void {
  topology.addProcessor({ name, parents: [parent], factory: (context) => new StreamJoinNode(side, context) });
  for (const store of stores) if (store !== undefined) topology.addStore(store, name);
}

/** Which sides of a join are emitted without a match. */
export interface OuterSides {
  readonly left: boolean;
  readonly right: boolean;
}

export interface StreamJoinNames {
  readonly leftWindow: string;
  readonly rightWindow: string;
  readonly left: string;
  readonly right: string;
  readonly merge: string;
  readonly leftStore: string;
  readonly rightStore: string;
  readonly unmatchedStore: string;
}

/**
 * Draws the names of a join of streams. A `named` join numbers its stores all the same, unless the
 * stores have a name of their own.
 */
export function streamJoinNames(
  names: OperatorNames,
  outer: OuterSides,
  { name, storeName }: { readonly name?: string | undefined; readonly storeName?: string | undefined },
): StreamJoinNames {
  const leftSuffix = outer.right ? '-outer-this-join' : '-this-join';
  const rightSuffix = outer.left ? '-outer-other-join' : '-other-join';
  const leftWindow = names.suffixedNode('KSTREAM-WINDOWED-', name, '-this-windowed');
  const rightWindow = names.suffixedNode('KSTREAM-WINDOWED-', name, '-other-windowed');
  const leftPrefix = outer.right ? 'KSTREAM-OUTERTHIS-' : 'KSTREAM-JOINTHIS-';
  const left = names.node(leftPrefix);
  const right = names.node(outer.left ? 'KSTREAM-OUTEROTHER-' : 'KSTREAM-JOINOTHER-');
  const drawnUnmatched = `KSTREAM-OUTERSHARED-${left.slice(leftPrefix.length)}`;
  const unmatchedSuffix = outer.right ? '-outer-shared-join' : '-left-shared-join';
  return {
    leftWindow,
    rightWindow,
    left: name === undefined ? left : `${name}${leftSuffix}`,
    right: name === undefined ? right : `${name}${rightSuffix}`,
    merge: names.suffixedNode('KSTREAM-MERGE-', name, '-merge'),
    leftStore: `${storeName === undefined ? left : `${storeName}${leftSuffix}`}-store`,
    rightStore: `${storeName === undefined ? right : `${storeName}${rightSuffix}`}-store`,
    unmatchedStore: `${storeName === undefined ? drawnUnmatched : `${storeName}${unmatchedSuffix}`}-store`,
  };
}
