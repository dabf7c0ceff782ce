import { oldestBackendBefore, oldestPreparedBefore, takeFence } from './prefix-reader.sql.ts';
import type { SqlDatabase, SqlRow } from './sql.ts';

/** What a statement of `createPrefixReader` returns besides its own columns. */
export type PositionedRow = SqlRow & { readonly position: string };

export interface PrefixReaderOptions {
  /** The primary: a standby gives out no transaction ids. */
  readonly database: SqlDatabase;
  /**
   * One SELECT with parameters $1 (position, exclusive) and then those that `read` is given: rows after the position, ascending, none
   * left out but at the end, each with `position`. Writers take their transaction id before the position comes from a sequence with
   * CACHE 1, and whatever has to stay in order before that (its stream's row).
   */
  readonly statement: string;
}

/** A transaction of this database that was there before the fence. */
export interface Blocker {
  /** Null for a prepared transaction, whose `name` is its gid. */
  readonly pid: number | null;
  readonly name: string;
  /** Null where the role may not see it: it belongs to another role, and this one lacks pg_read_all_stats. */
  readonly ageMs: number | null;
}

/** Where a reader stands before a hole, for a metric. */
export interface Hole {
  /** The first position that is missing. */
  readonly position: bigint;
  /** The oldest transaction that the proof waits for now, if there is one. */
  readonly blocker?: Blocker;
}

export interface PrefixReader<Row extends PositionedRow> {
  /**
   * The rows that follow `after` without a gap that could still be filled: none is skipped, none comes out of order. Empty when there is
   * nothing new, or when the next position belongs to a transaction that may still commit.
   */
  read(after: bigint, ...parameters: readonly unknown[]): Promise<readonly Row[]>;
  /** Whether the last `read` ended at a hole: somebody's commit, or the proof that there will be none, is to be expected. */
  readonly waiting: boolean;
  /** The hole that ended the last `read`, and who holds it up now. */
  hole(): Promise<Hole | undefined>;
}

interface Fence {
  readonly xid: string;
  /** Holes below this position are covered. */
  readonly below: bigint;
}

/**
 * Reads an append-only table as a contiguous prefix (docs/adr/0004-prefix-and-fence-reader.md, docs/adr/0022-a-fence-for-one-database.md).
 *
 * Why it is right: a hole lies below a row that is seen, so its position was drawn before. Whoever drew it had taken its transaction id
 * earlier still, and the fence is a transaction id taken after the row was seen: owner < fence. Owners write to this database only. A
 * statement that finds no older backend in it, and one after that which finds no older prepared transaction, show that every owner has
 * ended, and PostgreSQL makes a transaction visible before it removes its id from either list. So a statement that begins after both
 * sees what the owners committed: a position that is missing from it was rolled back and stays missing. No clock takes part. Without a
 * hole nobody's transaction delays the reader, and at a hole only those of its own database do.
 */
export function createPrefixReader<Row extends PositionedRow>({
  database,
  statement,
}: PrefixReaderOptions): PrefixReader<Row> {
  let fence: Fence | undefined;
  let hole: bigint | undefined;

  /** Passes holes below `deadBelow`, which must have been proven dead before the call. */
  const readOnce = async (after: bigint, parameters: readonly unknown[], deadBelow: bigint) => {
    const { rows } = await database.query<Row>(statement, [String(after), ...parameters]);
    const end = prefixLength(rows, after, deadBelow);
    const above = rows[end];
    hole = above === undefined ? undefined : BigInt(rows[end - 1]?.position ?? after) + 1n;
    return { prefix: above === undefined ? rows : rows.slice(0, end), above, last: rows.at(-1) };
  };

  return {
    get waiting() {
      return hole !== undefined;
    },
    async read(after, ...parameters) {
      const { prefix, above, last } = await readOnce(after, parameters, 0n);
      if (above === undefined || last === undefined) return prefix;
      if (fence === undefined || BigInt(above.position) > fence.below)
        fence = { below: BigInt(last.position), xid: await newXid(database) };
      if (prefix.length > 0) return prefix; // needs no proof, and the hole is there again at the next call
      const { below, xid } = fence;
      if ((await oldestBlocker(database, xid)) !== undefined) return prefix;
      return (await readOnce(after, parameters, below)).prefix;
    },
    async hole() {
      const position = hole;
      if (position === undefined) return undefined;
      return { position, blocker: fence && (await oldestBlocker(database, fence.xid)) };
    },
  };
}

function prefixLength(rows: readonly PositionedRow[], after: bigint, deadBelow: bigint): number {
  let previous = after;
  for (const [index, row] of rows.entries()) {
    const position = BigInt(row.position);
    // The last missing position is position - 1: it is dead if it lies below `deadBelow`.
    if (position !== previous + 1n && position > deadBelow) return index;
    previous = position;
  }
  return rows.length;
}

type BlockerRow = { pid: number | null; name: string; age_ms: number | null };

/**
 * Backends first: a transaction that is prepared stands in both lists for a moment and then in the second alone. Each statement is a
 * transaction of its own, since within one PostgreSQL keeps its first copy of what the backends do.
 */
async function oldestBlocker(database: SqlDatabase, fence: string): Promise<Blocker | undefined> {
  for (const statement of [oldestBackendBefore, oldestPreparedBefore]) {
    const [row] = (await database.query<BlockerRow>(statement, [fence])).rows;
    if (row !== undefined) return { pid: row.pid, name: row.name, ageMs: row.age_ms };
  }
  return undefined;
}

async function newXid(database: SqlDatabase): Promise<string> {
  const { rows } = await database.query<{ xid: string }>(takeFence);
  return String(rows[0]?.xid);
}
