import { oldestWriter, takeFence } from './prefix-reader.sql.ts';
import type { SqlDatabase, SqlRow } from './sql.ts';

/** What a statement of `createPrefixReader` returns besides its own columns. */
export type PositionedRow = SqlRow & { readonly position: string; readonly snapshot_xmin: string };

export interface PrefixReaderOptions {
  readonly database: SqlDatabase;
  /**
   * One SELECT with parameters $1 (position, exclusive) and then those that `read` is given: rows after the position, ascending, none
   * left out but at the end, each with `position` and `snapshotXmin AS snapshot_xmin`. Writers take their transaction id before the position
   * comes from a sequence with CACHE 1, and whatever has to stay in order before that (its stream's row).
   */
  readonly statement: string;
}

/** The expression for `snapshot_xmin`: of the statement's own snapshot, evaluated once. Never `pg_snapshot_xmax`. */
export const snapshotXmin = `(SELECT pg_snapshot_xmin(pg_current_snapshot())::text)`;

/** Where a reader stands before a hole, for a metric. */
export interface Hole {
  /** The first position that is missing. */
  readonly position: bigint;
  /** The writer that the proof waits for, if the database shows one. `pid` is null for a prepared transaction. */
  readonly blocker?: { readonly pid: number | null; readonly name: string; readonly ageMs: number };
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
  readonly xid: bigint;
  /** Holes below this position are covered. */
  readonly below: bigint;
}

/**
 * Reads an append-only table as a contiguous prefix (DESIGN 3.1, event-sourcing-and-sagas 4).
 *
 * Why it is right: a hole lies below a row that is seen, so its position was drawn before. Whoever drew it had taken its transaction id
 * earlier still, and the fence is a transaction id taken after the row was seen: owner < fence. A snapshot whose xmin is at or above the
 * fence was therefore taken after the owner had ended. If the position is missing from that very snapshot, its owner rolled back, and it
 * will stay missing. No clock takes part. Without a hole, nobody's transaction delays the reader.
 */
export function createPrefixReader<Row extends PositionedRow>({
  database,
  statement,
}: PrefixReaderOptions): PrefixReader<Row> {
  let fence: Fence | undefined;
  let hole: bigint | undefined;

  const readOnce = async (after: bigint, parameters: readonly unknown[]) => {
    const { rows } = await database.query<Row>(statement, [String(after), ...parameters]);
    const end = prefixLength(rows, after, fence);
    const above = rows[end];
    hole = above === undefined ? undefined : BigInt(rows[end - 1]?.position ?? after) + 1n;
    const covered = above === undefined || (fence !== undefined && BigInt(above.position) <= fence.below);
    return { last: rows.at(-1), covered, prefix: above === undefined ? rows : rows.slice(0, end) };
  };

  return {
    get waiting() {
      return hole !== undefined;
    },
    async read(after, ...parameters) {
      const { last, covered, prefix } = await readOnce(after, parameters);
      if (last === undefined || covered) return prefix;
      fence = { below: BigInt(last.position), xid: await newXid(database) };
      // Most holes are rollbacks, dead by now: asking again at once spares them a polling interval.
      return prefix.length > 0 ? prefix : (await readOnce(after, parameters)).prefix;
    },
    async hole() {
      if (hole === undefined) return undefined;
      const { rows } = await database.query<{ pid: number | null; name: string; age_ms: number }>(
        oldestWriter,
      );
      const [writer] = rows;
      return {
        position: hole,
        blocker: writer && { pid: writer.pid, name: writer.name, ageMs: writer.age_ms },
      };
    },
  };
}

function prefixLength(rows: readonly PositionedRow[], after: bigint, fence: Fence | undefined): number {
  const xmin = BigInt(rows[0]?.snapshot_xmin ?? 0);
  const provenBelow = fence !== undefined && xmin >= fence.xid ? fence.below : 0n;
  let previous = after;
  for (const [index, row] of rows.entries()) {
    const position = BigInt(row.position);
    // The last missing position is position - 1: the fence covers it if it lies below `provenBelow`.
    if (position !== previous + 1n && position > provenBelow) return index;
    previous = position;
  }
  return rows.length;
}

async function newXid(database: SqlDatabase): Promise<bigint> {
  const { rows } = await database.query<{ xid: string }>(takeFence);
  return BigInt(rows[0]?.xid ?? 0);
}
