import { streamTableJoinNode } from '../../nodes/stream-join.ts';
import type { ReadableTable } from '../../nodes/table-view.ts';
import type { NodeContext } from '../../processor/node.ts';
import { processorNode } from '../graph-node.ts';
import type { Joined, JoinWindows, StreamJoined } from '../options/joins.ts';
import { repartitionForJoin } from '../repartition.ts';
import { graphState, type Joinable, type StreamState, type TableState } from '../stream-state.ts';
import type { GlobalTableState } from './sources.ts';
import { joinStreams, type OuterSides } from './stream-join.ts';

/** The arguments of `join`, `leftJoin` and `outerJoin`. The interface checks their types. */
export type JoinOfStream = readonly [other: Joinable, ...rest: readonly unknown[]];

type Joiner = (value: unknown, other: unknown, key: unknown) => never;
type WithStream = readonly [
  Joinable<StreamState<unknown, unknown>>,
  Joiner,
  JoinWindows,
  StreamJoined<unknown, unknown, unknown>?,
];
type WithTable = readonly [Joinable<TableState<unknown, unknown>>, Joiner, Joined<unknown, unknown>?];
type WithGlobalTable = readonly [
  Joinable<GlobalTableState<unknown, unknown>>,
  (key: unknown, value: unknown) => unknown,
  Joiner,
  string?,
];

/** Joins a stream with its first argument: a stream, a table or a global table. */
export function joinStream<K, V>(
  stream: StreamState<K, V>,
  outer: OuterSides,
  join: JoinOfStream,
): StreamState<K, never> {
  const left = stream as StreamState<unknown, unknown>;
  return joinUntyped(left, outer, join) as StreamState<K, never>;
}

function joinUntyped(
  stream: StreamState<unknown, unknown>,
  outer: OuterSides,
  join: JoinOfStream,
): StreamState<unknown, never> {
  const isLeft = outer.left;
  if (isWithGlobalTable(join)) {
    const [table, tableKeyOf, joiner, named] = join;
    // Kafka Streams uses this prefix for inner joins, too.
    const name = stream.graph.names.node('KSTREAM-LEFTJOIN-', named);
    const { readable } = table[graphState];
    const joined = addTableJoin(stream, name, { readable, storeNames: [], tableKeyOf, joiner, isLeft });
    return { ...stream, ...joined, valueSerde: undefined };
  }
  if (isWithTable(join)) {
    const [table, joiner, joined] = join;
    return joinWithTable(stream, table[graphState], { joiner, isLeft }, joined);
  }
  const [other, joiner, windows, streamJoined] = join as unknown as WithStream;
  return joinStreams(stream, other[graphState], { joiner, windows, outer, streamJoined });
}

const isWithGlobalTable = (join: JoinOfStream): join is JoinOfStream & WithGlobalTable =>
  'readable' in join[0][graphState];

const isWithTable = (join: JoinOfStream): join is JoinOfStream & WithTable => 'view' in join[0][graphState];

interface TableJoin {
  readonly joiner: Joiner;
  readonly isLeft: boolean;
}

/** Joins a stream with a table by key. Repartitions the stream if its key may have changed. */
function joinWithTable(
  stream: StreamState<unknown, unknown>,
  table: TableState<unknown, unknown>,
  { joiner, isLeft }: TableJoin,
  { name: named, keySerde, valueSerde }: Partial<Joined<unknown, unknown>> = {},
): StreamState<unknown, never> {
  const { graph } = stream;
  const left = repartitionForJoin(stream, { named, keySerde, valueSerde });
  const sources = new Set([...left.sources, ...table.sources]);
  graph.copartition(sources);
  const name = graph.names.node(isLeft ? 'KSTREAM-LEFTJOIN-' : 'KSTREAM-JOIN-', named);
  const readable = table.view.readable();
  const { storeNames } = readable;
  return {
    ...addTableJoin(left, name, { readable, storeNames, tableKeyOf: (key) => key, joiner, isLeft }),
    graph,
    keySerde: keySerde ?? stream.keySerde,
    valueSerde: undefined,
    sources,
    repartitionRequired: false,
  };
}

interface TableJoinParts extends TableJoin {
  readonly readable: ReadableTable<unknown, unknown>;
  /** The stores of the table. Empty for a global table, which every task can read. */
  readonly storeNames: readonly string[];
  readonly tableKeyOf: (key: unknown, value: unknown) => unknown;
}

function addTableJoin(
  { graph, node: parent }: StreamState<unknown, unknown>,
  name: string,
  { readable, storeNames, tableKeyOf, joiner, isLeft }: TableJoinParts,
) {
  const factory = (context: NodeContext) =>
    streamTableJoinNode(
      {
        table: readable,
        tableKeyOf,
        joiner: (key, value, tableValue) => joiner(value, tableValue, key),
        isLeft,
      },
      context,
    );
  return {
    name,
    node: graph.add(parent, processorNode({ name, keepsNullKeys: isLeft, factory, storeNames })),
  };
}
