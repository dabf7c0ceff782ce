import {
  filterNode,
  flatMapNode,
  flatMapValuesNode,
  foreachNode,
  mapNode,
  mapValuesNode,
  passNode,
  peekNode,
  selectKeyNode,
  branchNode,
} from '../../nodes/stateless.ts';
import type { NodeFactory } from '../../processor/node.ts';
import { GraphNode } from '../graph-node.ts';
import type { StreamState } from '../stream-state.ts';

/** Adds a processor without stores behind a stream. */
export function addProcessor(
  { graph, node: parent }: StreamState<unknown, unknown>,
  name: string,
  factory: NodeFactory,
): GraphNode {
  const node = new GraphNode({
    name,
    write: (topology, parents) => topology.addProcessor({ name, parents, factory }),
  });
  return graph.add(parent, node);
}

export function filter<K, V>(
  stream: StreamState<K, V>,
  predicate: (key: K, value: V) => boolean,
  named?: string,
): StreamState<K, V> {
  const name = stream.graph.names.node('KSTREAM-FILTER-', named);
  return { ...stream, name, node: addProcessor(stream, name, filterNode(predicate)) };
}

export function peek<K, V>(
  stream: StreamState<K, V>,
  look: (key: K, value: V) => void,
  named?: string,
): StreamState<K, V> {
  const name = stream.graph.names.node('KSTREAM-PEEK-', named);
  return { ...stream, name, node: addProcessor(stream, name, peekNode(look)) };
}

export function foreach<K, V>(
  stream: StreamState<K, V>,
  act: (key: K, value: V) => void,
  named?: string,
): void {
  addProcessor(stream, stream.graph.names.node('KSTREAM-FOREACH-', named), foreachNode(act));
}

export function map<K, V, KOut, VOut>(
  stream: StreamState<K, V>,
  mapper: (key: K, value: V) => readonly [KOut, VOut],
  named?: string,
): StreamState<KOut, VOut> {
  const name = stream.graph.names.node('KSTREAM-MAP-', named);
  const node = addProcessor(stream, name, mapNode(mapper));
  return { ...stream, name, node, keySerde: undefined, valueSerde: undefined, repartitionRequired: true };
}

export function flatMap<K, V, KOut, VOut>(
  stream: StreamState<K, V>,
  mapper: (key: K, value: V) => Iterable<readonly [KOut, VOut]>,
  named?: string,
): StreamState<KOut, VOut> {
  const name = stream.graph.names.node('KSTREAM-FLATMAP-', named);
  const node = addProcessor(stream, name, flatMapNode(mapper));
  return { ...stream, name, node, keySerde: undefined, valueSerde: undefined, repartitionRequired: true };
}

export function mapValues<K, V, VOut>(
  stream: StreamState<K, V>,
  mapper: (value: V, key: K) => VOut,
  named?: string,
): StreamState<K, VOut> {
  const name = stream.graph.names.node('KSTREAM-MAPVALUES-', named);
  const node = addProcessor(stream, name, mapValuesNode(mapper));
  return { ...stream, name, node, valueSerde: undefined };
}

export function flatMapValues<K, V, VOut>(
  stream: StreamState<K, V>,
  mapper: (value: V, key: K) => Iterable<VOut>,
  named?: string,
): StreamState<K, VOut> {
  const name = stream.graph.names.node('KSTREAM-FLATMAPVALUES-', named);
  const node = addProcessor(stream, name, flatMapValuesNode(mapper));
  return { ...stream, name, node, valueSerde: undefined };
}

export function selectKey<K, V, KOut>(
  stream: StreamState<K, V>,
  select: (key: K, value: V) => KOut,
  named?: string,
): StreamState<KOut, V> {
  const name = stream.graph.names.node('KSTREAM-KEY-SELECT-', named);
  const node = addProcessor(stream, name, selectKeyNode(select));
  return { ...stream, name, node, keySerde: undefined, repartitionRequired: true };
}

export function merge<K, V>(
  stream: StreamState<K, V>,
  other: StreamState<K, V>,
  named?: string,
): StreamState<K, V> {
  const { graph } = stream;
  const name = graph.names.node('KSTREAM-MERGE-', named);
  const node = new GraphNode({
    name,
    write: (topology, parents) => topology.addProcessor({ name, parents, factory: passNode() }),
  });
  return {
    graph,
    name,
    node: graph.add([stream.node, other.node], node),
    keySerde: undefined,
    valueSerde: undefined,
    sources: new Set([...stream.sources, ...other.sources]),
    repartitionRequired: stream.repartitionRequired || other.repartitionRequired,
  };
}

interface BranchRule<K, V> {
  readonly child: string;
  readonly predicate: (key: K, value: V) => boolean;
}

/** A stream that is being divided. Branches are added until the topology is built. */
export interface SplitState<K, V> {
  readonly splitter: StreamState<K, V>;
  readonly rules: BranchRule<K, V>[];
}

export function split<K, V>(stream: StreamState<K, V>, named?: string): SplitState<K, V> {
  const rules: BranchRule<K, V>[] = [];
  const name = stream.graph.names.node('KSTREAM-BRANCH-', named);
  return { splitter: { ...stream, name, node: addProcessor(stream, name, branchNode(rules)) }, rules };
}

/** The records that no branch before has taken and for which the predicate holds. */
export function branch<K, V>(
  { splitter, rules }: SplitState<K, V>,
  predicate: (key: K, value: V) => boolean,
  suffix: string,
): StreamState<K, V> {
  const name = `${splitter.name}${suffix}`;
  splitter.graph.names.node(name);
  rules.push({ child: name, predicate });
  return { ...splitter, name, node: addProcessor(splitter, name, passNode()) };
}
