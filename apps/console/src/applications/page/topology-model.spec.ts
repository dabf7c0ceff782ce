import { describe, expect, it } from '@jest/globals';
import type { ApplicationNode } from '@millrace/operations/contract';
import { drawnTopology, inWords } from './topology-model.ts';

const node = (name: string, part: Partial<ApplicationNode> = {}): ApplicationNode => ({
  name,
  kind: 'processor',
  topics: [],
  stores: [],
  parents: [],
  ...part,
});
const drawn = (...parts: ReadonlyArray<readonly ApplicationNode[]>) =>
  drawnTopology({ subTopologies: parts.map((nodes, id) => ({ id, isGlobal: false, nodes: [...nodes] })) });
const places = ({ nodes }: ReturnType<typeof drawn>) =>
  nodes.map(({ name, column, row }) => `${name} ${column}/${row}`);
const edges = (of: ReturnType<typeof drawn>) => of.edges.map(([from, to]) => `${from.name} > ${to.name}`);

describe('the drawing of a topology', () => {
  it('has each node to the right of all that it takes records from', () => {
    const drawing = drawn([
      node('orders', { kind: 'source', topics: ['order-events'] }),
      node('refunds', { kind: 'source', topics: ['payment-events'] }),
      node('paid', { parents: ['orders'] }),
      node('sum', { parents: ['paid', 'refunds'], stores: ['sums'] }),
      node('out', { kind: 'sink', topics: ['sums'], parents: ['sum'] }),
    ]);

    expect(places(drawing)).toEqual(['orders 0/0', 'refunds 0/1', 'paid 1/0', 'sum 2/0', 'out 3/0']);
    expect(edges(drawing)).toEqual(['orders > paid', 'refunds > sum', 'paid > sum', 'sum > out']);
    expect(drawing).toMatchObject({ columns: 4, rows: 2 });
  });

  it('joins sub-topologies by the topics between them', () => {
    const drawing = drawn(
      [node('by-key', { kind: 'sink', topics: ['app-repartition'] })],
      [node('keyed', { kind: 'source', topics: ['app-repartition'] })],
    );

    expect(edges(drawing)).toEqual(['by-key > keyed']);
    expect(places(drawing)).toEqual(['by-key 0/0', 'keyed 1/0']);
  });

  it('has no gap if an application reads what it writes', () => {
    const drawing = drawn(
      [
        node('in', { kind: 'source', topics: ['again'] }),
        node('out', { kind: 'sink', topics: ['again'], parents: ['in'] }),
      ],
      [
        node('in', { kind: 'source', topics: ['again'] }),
        node('out', { kind: 'sink', topics: ['again'], parents: ['in'] }),
      ],
    );

    expect(drawing.nodes.map(({ column }) => column).sort()).toEqual([0, 1, 2, 3]);
    expect(drawing.columns).toBe(4);
    expect(drawing.edges).toHaveLength(4);
  });

  it('keeps the nodes of a column in the order of those before them', () => {
    const drawing = drawn([
      node('a', { kind: 'source' }),
      node('b', { kind: 'source' }),
      node('after-b', { parents: ['b'] }),
      node('after-a', { parents: ['a'] }),
    ]);

    expect(places(drawing)).toEqual(['a 0/0', 'b 0/1', 'after-b 1/1', 'after-a 1/0']);
  });

  it('has a text alternative', () => {
    const drawing = drawn([
      node('orders', { kind: 'source', topics: ['order-events'] }),
      node('count', { parents: ['orders'], stores: ['counts'] }),
      node('out', { kind: 'sink', parents: ['count'] }),
    ]);

    expect(inWords(drawing)).toBe(
      'orders reads order-events; count keeps counts after orders; out writes a topic that it chooses after count',
    );
  });
});
