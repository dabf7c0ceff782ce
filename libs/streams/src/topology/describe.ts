import { OrderedByInsertion } from './ordered-by-insertion.ts';
import type { GlobalStore, SubTopology, NodeSpec } from './topology-spec.ts';

export function describeTopology(
  subTopologies: readonly SubTopology[],
  globalStores: readonly GlobalStore[],
): string {
  const parts = [
    ...subTopologies.map((subTopology) => ({ id: subTopology.id, text: describeSubTopology(subTopology) })),
    ...globalStores.map((store) => ({ id: store.id, text: describeGlobalStore(store) })),
  ];
  const texts = parts.toSorted((one, other) => one.id - other.id).map(({ text }) => `  ${text}`);
  return `Topologies:\n ${texts.join('')}`;
}

function describeSubTopology({ id, nodes }: SubTopology): string {
  const texts = describedNodes(nodes).map((node) => `    ${describeNode(node)}\n`);
  return `Sub-topology: ${id}\n${texts.join('')}\n`;
}

function describeGlobalStore({ id, source, processor }: GlobalStore): string {
  const texts = describedNodes([source, processor]).map((node) => `    ${describeNode(node)}\n`);
  return `Sub-topology: ${id} for global store (will not generate tasks)\n${texts.join('')}`;
}

function describeNode({ spec, predecessors, successors }: DescribedNode): string {
  const after = `\n      --> ${namesOf(successors)}`;
  const before = `\n      <-- ${namesOf(predecessors)}`;
  switch (spec.kind) {
    case 'source':
      return `Source: ${spec.name} (topics: [${inJavaHashOrder(spec.topics).join(', ')}])${after}`;
    case 'processor':
      return `Processor: ${spec.name} (stores: [${inJavaHashOrder(spec.storeNames).join(', ')}])${after}${before}`;
    case 'sink':
      return `Sink: ${spec.name} (${sinkTopic(spec)})${before}`;
  }
}

const sinkTopic = ({ topic }: { readonly topic: string | undefined }): string =>
  topic === undefined ? 'extractor class: function' : `topic: ${topic}`;

const namesOf = (nodes: readonly DescribedNode[]): string =>
  nodes.length === 0 ? 'none' : nodes.map(({ spec }) => spec.name).join(', ');

interface DescribedNode {
  readonly spec: NodeSpec;
  readonly predecessors: readonly DescribedNode[];
  readonly successors: readonly DescribedNode[];
}

/** A node whose size is counted while its neighbours are being added, as in Kafka Streams. */
class CountedNode implements DescribedNode {
  readonly spec: NodeSpec;
  /** The number of nodes below this one, counted once per path, plus itself. */
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
 * Orders the nodes of a sub-topology: those with the most nodes below them come first. Kafka
 * Streams sorts neighbours by sizes that are still growing, so the order of insertion matters, and
 * is kept here.
 */
function describedNodes(specs: readonly NodeSpec[]): readonly DescribedNode[] {
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

/** Returns the hash that Java's `HashMap` uses for a string. */
function spreadHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return hash ^ (hash >>> 16);
}

/**
 * Returns the size of the table of a `HashMap` with this many entries: it doubles when it is 3/4
 * full.
 */
function tableSize(entryCount: number): number {
  let size = 16;
  while (entryCount > size * 0.75) size *= 2;
  return size;
}

/**
 * Returns the names in the order in which a Java `HashSet` iterates over them. Where Kafka Streams'
 * `describe()` prints a set, it has this order.
 */
function inJavaHashOrder(names: readonly string[]): readonly string[] {
  const mask = tableSize(names.length) - 1;
  const bucket = (name: string) => spreadHash(name) & mask;
  return names.toSorted((one, other) => bucket(one) - bucket(other));
}
