import type { ApplicationNode, ApplicationView } from '@millrace/operations/contract';

export interface PlacedNode extends ApplicationNode {
  readonly subTopology: number;
  /** Such as `reads order-events`; empty for a processor without a store. */
  readonly does: string;
  readonly column: number;
  readonly row: number;
}

export interface DrawnTopology {
  readonly nodes: readonly PlacedNode[];
  /** From a node to one that takes its records, in the same sub-topology or through a topic. */
  readonly edges: ReadonlyArray<readonly [from: PlacedNode, to: PlacedNode]>;
  readonly columns: number;
  readonly rows: number;
}

interface Vertex {
  readonly node: ApplicationNode;
  readonly subTopology: number;
  readonly before: readonly Vertex[];
}

/** Lays the nodes out in columns, each to the right of all that it takes records from. */
export function drawnTopology({ subTopologies }: Pick<ApplicationView, 'subTopologies'>): DrawnTopology {
  const vertices = verticesOf(subTopologies);
  const depths = new Map<Vertex, number>();
  for (const vertex of vertices) depthOf(vertex, depths);
  const byDepth = Map.groupBy(vertices, (vertex) => depths.get(vertex)!);
  const columns = [...byDepth].sort(([one], [other]) => one - other).map(([, inColumn]) => inColumn);
  const placed = new Map<Vertex, PlacedNode>();
  for (const [column, inColumn] of columns.entries()) {
    const heightOf = ({ before }: Vertex): number => {
      const rows = before.flatMap((each) => placed.get(each)?.row ?? []);
      return rows.length === 0 ? 0 : rows.reduce((sum, row) => sum + row, 0) / rows.length;
    };
    inColumn
      .toSorted((one, other) => heightOf(one) - heightOf(other))
      .forEach((vertex, row) => {
        const { node, subTopology } = vertex;
        placed.set(vertex, { ...node, subTopology, does: whatItDoes(node), column, row });
      });
  }
  return {
    nodes: vertices.map((vertex) => placed.get(vertex)!),
    edges: vertices.flatMap((vertex) =>
      vertex.before.map((each) => [placed.get(each)!, placed.get(vertex)!] as const),
    ),
    columns: columns.length,
    rows: Math.max(0, ...columns.map(({ length }) => length)),
  };
}

function verticesOf(subTopologies: ApplicationView['subTopologies']): readonly Vertex[] {
  const vertices = subTopologies.flatMap(({ id, nodes }) =>
    nodes.map((node) => ({ node, subTopology: id, before: [] as Vertex[] })),
  );
  for (const vertex of vertices) {
    const { node, subTopology, before } = vertex;
    const isBefore = (other: Vertex): boolean =>
      other.subTopology === subTopology
        ? node.parents.includes(other.node.name)
        : node.kind === 'source' &&
          other.node.kind === 'sink' &&
          other.node.topics.some((topic) => node.topics.includes(topic));
    before.push(...vertices.filter(isBefore));
  }
  return vertices;
}

/** The length of the longest path to the node. A cycle of topics is cut where the walk comes round. */
function depthOf(vertex: Vertex, depths: Map<Vertex, number>): number {
  const known = depths.get(vertex);
  if (known !== undefined) return known;
  depths.set(vertex, 0);
  const depth = Math.max(0, ...vertex.before.map((each) => depthOf(each, depths) + 1));
  depths.set(vertex, depth);
  return depth;
}

function whatItDoes({ kind, topics, stores }: ApplicationNode): string {
  if (kind === 'source') return `reads ${topics.join(', ')}`;
  if (kind === 'sink') return `writes ${topics[0] ?? 'a topic that it chooses'}`;
  return stores.length === 0 ? '' : `keeps ${stores.join(', ')}`;
}

/** The drawing as text, for screen readers. */
export const inWords = ({ nodes }: DrawnTopology): string =>
  nodes
    .map(({ name, does, parents }) =>
      [name, does, parents.length === 0 ? '' : `after ${parents.join(', ')}`]
        .filter((part) => part !== '')
        .join(' '),
    )
    .join('; ');
