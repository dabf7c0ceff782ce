import type { Joined, JoinWindows, StreamJoined } from '../options/joins.ts';
import { graphState, type StreamState, type TableState } from '../stream-state.ts';
import type { GlobalTableState } from './sources.ts';
import type { OuterSides } from './stream-join-graph.ts';
import { joinStreams } from './stream-join.ts';
import { joinWithGlobalTable, joinWithTable } from './stream-table-join.ts';

/** The stream or table that a user has passed. */
interface Joinable<State = object> {
  readonly [graphState]: State;
}

/** The arguments of `join`, `leftJoin` and `outerJoin`, whose types the interface checks. */
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

/** Joins a stream with what the first argument is: a stream, a table or a global table. */
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
    return joinWithGlobalTable(stream, table[graphState], tableKeyOf, { joiner, isLeft }, named);
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
