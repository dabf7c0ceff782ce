import { passNode } from '../../nodes/stateless.ts';
import { joinWindowNode, StreamJoinNode, type StreamJoinSide } from '../../nodes/stream-join.ts';
import { StreamJoinTrackers } from '../../nodes/unmatched-records.ts';
import type { Serde } from '../../serdes/serde.ts';
import {
  unmatchedKeySerde,
  type UnmatchedKey,
  unmatchedValuesSerde,
  type UnmatchedValues,
} from '../../serdes/unmatched.ts';
import type { KeyValueStoreSpec, StoreSpec, WindowStoreSpec } from '../../state/store-spec.ts';
import type { TopologyBuilder } from '../../topology/topology-builder.ts';
import { GraphNode, processorNode } from '../graph-node.ts';
import type { OperatorNames } from '../operator-names.ts';
import type { JoinWindows, StreamJoined } from '../options/joins.ts';
import type { StoreOptions } from '../options/stores.ts';
import { repartitionForJoin } from '../repartition.ts';
import { requiredSerde } from '../store-plan.ts';
import type { StreamState } from '../stream-state.ts';

interface StreamJoinPlan<K, V, VOther, VOut> {
  readonly joiner: (value: V | null, other: VOther | null, key: K | null) => VOut;
  readonly windows: JoinWindows;
  readonly outer: OuterSides;
  readonly streamJoined: StreamJoined<K, V, VOther> | undefined;
}

/** Joins two streams by key and time. Repartitions a stream if its key may have changed. */
export function joinStreams<K, V, VOther, VOut>(
  stream: StreamState<K, V>,
  other: StreamState<K, VOther>,
  plan: StreamJoinPlan<K, V, VOther, VOut>,
): StreamState<K, VOut> {
  const { keySerde, valueSerde, otherValueSerde, name } = plan.streamJoined ?? {};
  const named = (side: string) => (name === undefined ? undefined : `${name}-${side}`);
  const left = repartitionForJoin(stream, { named: named('left'), keySerde, valueSerde });
  const right = repartitionForJoin(other, { named: named('right'), keySerde, valueSerde: otherValueSerde });
  const sources = new Set([...left.sources, ...right.sources]);
  left.graph.copartition(sources);
  return joinCopartitioned(left, right, plan, sources);
}

function joinCopartitioned<K, V, VOther, VOut>(
  left: StreamState<K, V>,
  right: StreamState<K, VOther>,
  plan: StreamJoinPlan<K, V, VOther, VOut>,
  sources: ReadonlySet<string>,
): StreamState<K, VOut> {
  const { graph } = left;
  const { windows, streamJoined = {} } = plan;
  const names = streamJoinNames(graph.names, plan.outer, streamJoined);
  const serdes = joinSerdes(left, right, names, streamJoined);
  const leftSerdes = { keySerde: serdes.key, valueSerde: serdes.value };
  const rightSerdes = { keySerde: serdes.key, valueSerde: serdes.other };
  const stores = {
    left: joinWindowStore(names.leftStore, windows, leftSerdes, streamJoined),
    right: joinWindowStore(names.rightStore, windows, rightSerdes, streamJoined),
    unmatched: plan.outer.left ? unmatchedStore(names.unmatchedStore, serdes, streamJoined) : undefined,
  };
  graph.add(left.node, windowNode(names.leftWindow, stores.left));
  graph.add(right.node, windowNode(names.rightWindow, stores.right));
  const node = graph.add([left.node, right.node], streamJoinNode(names, stores, plan));
  return {
    graph,
    node,
    name: names.merge,
    keySerde: serdes.key,
    valueSerde: undefined,
    sources,
    repartitionRequired: false,
  };
}

function joinSerdes<K, V, VOther>(
  left: StreamState<K, V>,
  right: StreamState<K, VOther>,
  names: StreamJoinNames,
  { keySerde, valueSerde, otherValueSerde }: StreamJoined<K, V, VOther>,
): JoinSerdes<K, V, VOther> {
  const remedy = 'Name it in streamJoined({ ... })';
  const store = `The store ${names.leftStore}`;
  const otherStore = `The store ${names.rightStore}`;
  return {
    key: requiredSerde(keySerde ?? left.keySerde ?? right.keySerde, store, 'key', remedy),
    value: requiredSerde(valueSerde ?? left.valueSerde, store, 'value', remedy),
    other: requiredSerde(otherValueSerde ?? right.valueSerde, otherStore, 'value', remedy),
  };
}

interface JoinSerdes<K, V, VOther> {
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  readonly other: Serde<VOther>;
}

/** Stores the records of one side, including several with the same key and time. */
const joinWindowStore = <K, V>(
  name: string,
  windows: JoinWindows,
  { keySerde, valueSerde }: { readonly keySerde: Serde<K>; readonly valueSerde: Serde<V> },
  { logging = true, logConfigs = {}, inMemory = false }: StoreOptions,
): WindowStoreSpec<K, V> => ({
  kind: 'window',
  name,
  keySerde,
  valueSerde,
  timestamped: false,
  retentionMs: windows.sizeMs + windows.graceMs,
  windowSizeMs: windows.sizeMs,
  retainDuplicates: true,
  emitsOnClose: false,
  logsHeaders: true,
  caching: false,
  // A compacted topic would keep only one of several duplicates.
  logConfigs: logging ? { ...logConfigs, 'cleanup.policy': 'delete' } : undefined,
  inMemory,
});

/** Stores the records of both sides that have found no match so far. */
const unmatchedStore = <K, V, VOther>(
  name: string,
  { key, value, other }: JoinSerdes<K, V, VOther>,
  { logging = true, logConfigs = {}, inMemory = false }: StoreOptions,
): KeyValueStoreSpec<UnmatchedKey<K>, UnmatchedValues<V | VOther>> => ({
  kind: 'key_value',
  name,
  keySerde: unmatchedKeySerde(key),
  valueSerde: unmatchedValuesSerde(value, other),
  timestamped: false,
  caching: false,
  logConfigs: logging ? logConfigs : undefined,
  inMemory,
});

interface StreamJoinStores {
  readonly left: WindowStoreSpec;
  readonly right: WindowStoreSpec;
  readonly unmatched: StoreSpec | undefined;
}

/** Puts the records of one side into its store. */
const windowNode = (name: string, store: WindowStoreSpec): GraphNode =>
  processorNode({
    name,
    factory: joinWindowNode.bind(undefined, { storeName: store.name }),
    store: () => store,
  });

/** Both sides of the join, and the node that merges their results. */
function streamJoinNode<K, V, VOther, VOut>(
  names: StreamJoinNames,
  stores: StreamJoinStores,
  plan: StreamJoinPlan<K, V, VOther, VOut>,
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
  { joiner, windows, outer }: StreamJoinPlan<K, V, VOther, VOut>,
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

interface StreamJoinNames {
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
 * Generates the names of a join of streams. The stores of a `named` join take indexes as well,
 * unless the stores have a name of their own.
 */
function streamJoinNames(
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
