import { branchNode, passNode } from '../../nodes/stateless.ts';
import type { StreamState } from '../stream-state.ts';
import { addProcessor } from './stateless.ts';

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
