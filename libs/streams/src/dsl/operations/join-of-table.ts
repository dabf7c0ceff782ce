import type { Materialized } from '../options/materialized.ts';
import type { TableJoined } from '../options/table-joined.ts';
import { graphState, type TableState } from '../stream-state.ts';
import { joinByForeignKey } from './foreign-key-join.ts';
import { joinTables } from './table-join.ts';

interface Joinable<State = object> {
  readonly [graphState]: State;
}

/** The arguments of `join`, `leftJoin` and `outerJoin`, whose types the interface checks. */
export type JoinOfTable = readonly [other: Joinable, ...rest: readonly unknown[]];

type OtherTable = Joinable<TableState<unknown, unknown>>;
type Joiner = (value: unknown, other: unknown) => never;
type ByKey = readonly [OtherTable, Joiner, Materialized<unknown, never>?, string?];
type ByForeignKey = readonly [
  OtherTable,
  (value: unknown, key: unknown) => unknown,
  Joiner,
  TableJoined<unknown, unknown>?,
  Materialized<unknown, never>?,
];

/** Joins a table with another by key, or, if two functions are given, by a foreign key. */
export function joinTable<K, V>(
  table: TableState<K, V>,
  kind: 'inner' | 'left' | 'outer',
  join: JoinOfTable,
): TableState<K, never> {
  const left = table as TableState<unknown, unknown>;
  return joinUntyped(left, kind, join) as TableState<K, never>;
}

function joinUntyped(
  table: TableState<unknown, unknown>,
  kind: 'inner' | 'left' | 'outer',
  join: JoinOfTable,
): TableState<unknown, never> {
  if (isByForeignKey(join)) {
    const [other, foreignKeyOf, joiner, tableJoined, materialized] = join;
    const isLeft = kind === 'left';
    return joinByForeignKey(table, other[graphState], {
      foreignKeyOf,
      joiner,
      isLeft,
      tableJoined,
      materialized,
    });
  }
  const [other, joiner, materialized, named] = join as unknown as ByKey;
  return joinTables(table, other[graphState], { kind, joiner, materialized, named });
}

const isByForeignKey = (join: JoinOfTable): join is JoinOfTable & ByForeignKey =>
  typeof join[2] === 'function';
