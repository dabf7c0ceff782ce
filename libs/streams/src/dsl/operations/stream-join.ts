import type { Serde } from '../../serdes/serde.ts';
import {
  unmatchedKeySerde,
  type UnmatchedKey,
  unmatchedValuesSerde,
  type UnmatchedValues,
} from '../../serdes/unmatched.ts';
import type { KeyValueStoreSpec, WindowStoreSpec } from '../../state/store-spec.ts';
import type { JoinWindows, StreamJoined } from '../options/joins.ts';
import { requiredSerde } from '../store-plan.ts';
import type { StreamState } from '../stream-state.ts';
import { repartitionForJoin } from '../repartition.ts';
import {
  streamJoinNode,
  windowNode,
  streamJoinNames,
  type OuterSides,
  type StreamJoinNames,
} from './stream-join-graph.ts';

export interface StreamJoinPlan<K, V, VOther, VOut> {
  readonly joiner: (value: V | null, other: VOther | null, key: K | null) => VOut;
  readonly windows: JoinWindows;
  readonly outer: OuterSides;
  readonly streamJoined: StreamJoined<K, V, VOther> | undefined;
}

/** Joins two streams by key and time. Repartitions each whose key may have changed. */
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

type StoreOptions = Pick<StreamJoined<unknown, unknown, unknown>, 'logging' | 'logConfigs' | 'inMemory'>;

/** Keeps the records of one side, also several of one key and time. */
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
  // A compacted topic would keep one record of the duplicates.
  logConfigs: logging ? { ...logConfigs, 'cleanup.policy': 'delete' } : undefined,
  inMemory,
});

/** Keeps the records of both sides that have found no match so far. */
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
