import { inJavaHashOrder } from './java-hash-order.ts';
import { OrderedByInsertion } from './ordered-by-insertion.ts';
import type { NodeSpec } from './topology-spec.ts';

export interface DescribedNode {
  readonly spec: NodeSpec;
  readonly predecessors: readonly DescribedNode[];
  readonly successors: readonly DescribedNode[];
}

/** A node whose size is counted while its neighbours are being added, as Kafka Streams does it. */
class CountedNode implements DescribedNode {
  readonly spec: NodeSpec;
  /** The nodes below this one, counted once per path, and itself. */
  size = 1;
  readonly #predecessors = new OrderedByInsertion<CountedNode>(largerFirst);
  readonly #successors = new OrderedByInsertion<CountedNode>(largerFirst);

  constructor(spec: NodeSpec) {
    this.spec = spec;
  }

  get predecessors(): readonly CountedNode[] {
    return this.#predecessors.values();
  }

  get successors(): readonly CountedNode[] {
    return this.#successors.values();
  }

  addPredecessor(node: CountedNode): void {
    this.#predecessors.add(node);
    node.#successors.add(this);
    node.#grow(this.size);
  }

  #grow(growth: number): void {
    this.size += growth;
    for (const predecessor of this.predecessors) predecessor.#grow(growth);
  }
}

/**
 * The nodes of a sub-topology: those with the largest part of it below them first. Kafka Streams
 * sorts neighbours by sizes that still grow, so the order of insertion matters, and is kept here.
 */
export function describedNodes(specs: readonly NodeSpec[]): readonly DescribedNode[] {
  const nodes = new Map<string, CountedNode>();
  for (const spec of specs) nodes.set(spec.name, new CountedNode(spec));
  for (const name of inJavaHashOrder([...nodes.keys()])) {
    const node = nodes.get(name);
    if (node === undefined || node.spec.kind === 'source') continue;
    for (const parent of node.spec.parents) {
      const predecessor = nodes.get(parent);
      if (predecessor !== undefined) node.addPredecessor(predecessor);
    }
  }
  return [...nodes.values()].sort(largerFirst);
}

function largerFirst(one: CountedNode, other: CountedNode): number {
  if (one.size !== other.size) return other.size - one.size;
  const oneName = one.spec.name;
  const otherName = other.spec.name;
  return oneName < otherName ? -1 : Number(oneName > otherName);
}
