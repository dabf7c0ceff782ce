import { describedNodes, type DescribedNode } from './described-nodes.ts';
import { inJavaHashOrder } from './java-hash-order.ts';
import type { GlobalStore, SubTopology } from './topology-spec.ts';

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
