import { inWords, type DrawnTopology, type PlacedNode } from './topology-model.ts';

const card = { width: 236, height: 52 };
const gap = { x: 46, y: 18 };
const lettersMax = { name: 21, text: 30 };

const left = ({ column }: PlacedNode): number => 2 + column * (card.width + gap.x);
const top = ({ row }: PlacedNode): number => 2 + row * (card.height + gap.y);
const middle = (node: PlacedNode): number => top(node) + card.height / 2;

/** The nodes of an application from its topics on the left to those that it writes on the right. */
export function TopologyDiagram({ drawn }: { readonly drawn: DrawnTopology }) {
  const width = drawn.columns * (card.width + gap.x) - gap.x + 4;
  const height = drawn.rows * (card.height + gap.y) - gap.y + 4;
  return (
    <div class="topology" tabIndex={0} role="region" aria-label="topology">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        width={width}
        height={height}
        role="img"
        aria-label={inWords(drawn)}
      >
        {drawn.edges.map(([from, to]) => (
          <path key={`${keyOf(from)} ${keyOf(to)}`} class="edge" d={wayBetween(from, to)} />
        ))}
        {drawn.nodes.map((node) => (
          <g key={keyOf(node)} class={node.kind} transform={`translate(${left(node)} ${top(node)})`}>
            <title>{[node.name, node.does].filter((part) => part !== '').join(' ')}</title>
            <rect width={card.width} height={card.height} rx={node.kind === 'processor' ? 9 : 26} />
            <text class="name" x={16} y={node.does === '' ? 31 : 22}>
              {short(node.name, lettersMax.name)}
            </text>
            <text class="part" x={card.width - 14} y={41}>
              {node.subTopology}
            </text>
            <text x={16} y={40}>
              {short(node.does, lettersMax.text)}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}

/** Two sub-topologies may have a node of the same name. */
const keyOf = ({ subTopology, name }: PlacedNode): string => `${subTopology} ${name}`;

function wayBetween(from: PlacedNode, to: PlacedNode): string {
  const x = left(from) + card.width;
  const end = left(to);
  const bend = gap.x / 2;
  return `M${x} ${middle(from)}C${x + bend} ${middle(from)} ${end - bend} ${middle(to)} ${end} ${middle(to)}`;
}

const short = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max - 1)}…`;
