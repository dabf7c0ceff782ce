import type { SqlRow } from './sql.ts';
import type { SqlDatabase } from './transaction.ts';

/*
 * Why the statements below miss no owner of a hole, from the source of PostgreSQL 18.4:
 *
 * - Taking an id. PostgreSQL stores the id in the backend's PGPROC before it releases XidGenLock,
 *   which the fence takes too (GetNewTransactionId). So after the fence every older id is visible
 *   among the backends, unless its transaction has ended.
 * - Commit and abort. PostgreSQL writes the outcome to pg_xact, then removes the id under the
 *   exclusive ProcArrayLock, which every snapshot takes (ProcArrayEndTransaction). A snapshot taken
 *   after the id is gone sees the outcome. An earlier one may not, so the rows are read again.
 * - Prepare. A transaction enters pg_prepared_xacts before it leaves its backend (EndPrepare). When
 *   it ends, its id is removed before its entry becomes invalid (FinishPreparedTransaction).
 * - Sessions. A killed session's transaction is rolled back before its entry is removed.
 * - Savepoints and parallel workers. `backend_xid` is the id of the top transaction, the lowest one.
 * - Wraparound. `age()` is right within 2^31 ids, and no running transaction is older. A fence that
 *   is kept for longer can only make the reader wait.
 */

/**
 * Takes a transaction id, which is younger than every id assigned so far. This costs one id per
 * hole. The transaction ends with the statement.
 */
export const takeFence = `SELECT pg_current_xact_id()::text AS xid`;

/**
 * Finds the oldest backend of this database with a transaction id below the fence ($1).
 *
 * - `datid` is null for a process without a database. Such a process counts as one of this
 *   database.
 * - Ages are compared because `backend_xid` has 32 bits and wraps around, while the fence has 64.
 * - Every role may read the `backend_xid` of another role, but needs pg_read_all_stats for its
 *   `xact_start`.
 * - The function is the source of the view pg_stat_activity. Planning the view would take longer
 *   than everything else.
 */
export const oldestBackendBefore = `
  SELECT pid, application_name AS name, extract(epoch FROM clock_timestamp() - xact_start)::float8 * 1000 AS age_ms
  FROM pg_stat_get_activity(NULL)
  WHERE (datid IS NULL OR datid = (SELECT oid FROM pg_database WHERE datname = current_database()))
    AND age(backend_xid) > age($1::xid8::xid)
  ORDER BY age(backend_xid) DESC
  LIMIT 1`;

/**
 * Finds the oldest prepared transaction (PREPARE TRANSACTION) below the fence ($1). A prepared
 * transaction has no backend.
 */
export const oldestPreparedBefore = `
  SELECT NULL::integer AS pid, gid AS name, extract(epoch FROM clock_timestamp() - prepared)::float8 * 1000 AS age_ms
  FROM pg_prepared_xacts
  WHERE coalesce(database, current_database()) = current_database() AND age(transaction) > age($1::xid8::xid)
  ORDER BY age(transaction) DESC
  LIMIT 1`;

/** The column that a statement of `createPrefixReader` returns in addition to its own columns. */
export type PositionedRow = SqlRow & { readonly position: string };

export interface PrefixReaderOptions {
  /** The primary, because a standby assigns no transaction ids. */
  readonly database: SqlDatabase;
  /**
   * One SELECT whose parameters are $1, a position, and then those of `read`. It returns the rows
   * after that position in ascending order, each with its `position`, and may leave out rows only
   * at the end. Writers draw positions from a sequence with CACHE 1. Before that they take their
   * transaction id and the lock that keeps their rows in order, such as that of a stream's row.
   */
  readonly statement: string;
}

/** A transaction of this database that is older than the fence. */
export interface Blocker {
  /** Null for a prepared transaction. Its `name` is its gid. */
  readonly pid: number | null;
  readonly name: string;
  /** Null if the transaction belongs to another role and this role lacks pg_read_all_stats. */
  readonly ageMs: number | null;
}

/** A gap in the positions that stops a reader, for a metric. */
export interface Hole {
  /** The first missing position. */
  readonly position: bigint;
  /** The oldest transaction that the reader waits for now, if there is one. */
  readonly blocker?: Blocker;
}

export interface PrefixReader<Row extends PositionedRow> {
  /**
   * Returns the rows that follow `after`, up to the first gap that could still be filled. It skips
   * no row and keeps their order. The result is empty if there is nothing new, or if the next
   * position belongs to a transaction that may still commit.
   */
  read(after: bigint, ...parameters: readonly unknown[]): Promise<readonly Row[]>;
  /** Whether the last `read` ended at a hole, in which case more rows may follow soon. */
  readonly waiting: boolean;
  /** Returns the hole that ended the last `read`, and the transaction that holds it open now. */
  hole(): Promise<Hole | undefined>;
}

interface Fence {
  readonly xid: string;
  /** The fence applies to holes below this position. */
  readonly below: bigint;
}

/**
 * Reads an append-only table as a contiguous prefix (docs/adr/0004-prefix-and-fence-reader.md,
 * docs/adr/0022-a-fence-for-one-database.md).
 *
 * Why it is correct:
 *
 * - A hole lies below a row that the reader has seen, so its position was drawn before that row's.
 * - The owner of the hole took its transaction id before it drew the position. The fence is a
 *   transaction id taken after the row was seen. So the owner's id is lower than the fence.
 * - Owners write to this database only. Once a statement finds no older backend in it, and a later
 *   statement finds no older prepared transaction, every owner has ended.
 * - PostgreSQL makes a transaction visible before it removes its id from either list. So a
 *   statement that begins after those two sees everything that the owners committed. A position
 *   that is still missing was rolled back and stays missing.
 *
 * The proof depends on no clock. Without a hole no transaction delays the reader, and at a hole
 * only transactions of its own database do.
 */
export function createPrefixReader<Row extends PositionedRow>({
  database,
  statement,
}: PrefixReaderOptions): PrefixReader<Row> {
  let fence: Fence | undefined;
  let hole: bigint | undefined;

  /** Passes holes below `deadBelow`. The caller has proven that their owners have ended. */
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
      if (prefix.length > 0) return prefix; // these need no proof; the next call finds the hole again
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
    // The last missing position is `position` - 1. Its owner has ended if it is below `deadBelow`.
    if (position !== previous + 1n && position > deadBelow) return index;
    previous = position;
  }
  return rows.length;
}

/**
 * Returns the oldest transaction of this database that has written something and has not ended. A
 * reader that waits at a hole may wait for it.
 */
export const oldestWriter = async (database: SqlDatabase): Promise<Blocker | undefined> =>
  oldestBlocker(database, await newXid(database));

type BlockerRow = { pid: number | null; name: string; age_ms: number | null };

/**
 * Checks backends first, because a transaction that is being prepared is in both lists for a moment
 * and then only in the second. Each statement runs in its own transaction, because PostgreSQL keeps
 * its first copy of the backends within a transaction.
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
