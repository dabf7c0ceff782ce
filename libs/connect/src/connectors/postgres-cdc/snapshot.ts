import { seconds, type Clock } from '@millrace/streaming-core/runtime';
import pg, { type Client } from 'pg';
import type { SourceRecord } from '../../record/records.ts';
import { connectTo, databaseError, withoutTimeouts, type ConnectionOptions } from './connection.ts';
import type { SnapshotMark } from './envelope.ts';
import { parseLsn } from './lsn.ts';
import { snapshotOffset } from './position.ts';
import type { RecordMaker } from './record-maker.ts';
import { nameOf } from './table-selection.ts';
import type { TableShape } from './table-shape.ts';

const rowsMax = 10_000;
/** The size at which one read aims. The rows of the read before tell how many rows that is. */
const bytesWanted = 8 * 1_024 * 1_024;
/** How often the snapshot logs how far it has read. */
const progressEveryMs = seconds(10);

/**
 * PostgreSQL's estimate of the rows of a table, or of the partitions of a partitioned one. Null if none of
 * them was ever vacuumed or analyzed.
 */
const estimateStatement = `
  SELECT sum(reltuples::float8)::int8::text AS rows FROM pg_class
  WHERE relkind <> 'p' AND reltuples >= 0 AND (oid = $1 OR oid IN (SELECT relid FROM pg_partition_tree($1)))`;

/** The moment that a snapshot shows. */
interface Moment {
  readonly lsn: bigint;
  readonly xid: bigint;
  readonly us: bigint;
}

export interface SnapshotOptions {
  readonly connection: ConnectionOptions;
  /** The slot to create, which begins at the moment of the snapshot. Absent if no changes are to follow. */
  readonly slot?: string;
  readonly shapes: readonly TableShape[];
  readonly maker: RecordMaker;
  readonly clock: Clock;
  readonly log: (message: string, facts: Readonly<Record<string, unknown>>) => void;
}

/** Reads all rows of the tables as of one moment, after which the slot takes over. */
export class Snapshot {
  readonly #options: SnapshotOptions;
  readonly #client: Client;
  readonly #moment: Moment;
  readonly #tables: TableShape[];
  #open: TableShape | undefined;
  /** The last row that was read. It waits until the snapshot knows whether another one follows. */
  #held: { readonly shape: TableShape; readonly tuple: readonly (string | null)[] } | undefined;
  #rowsPerRead = 1_000;
  #rows = 0;
  #estimatedRows: number | undefined;
  #reportedMs: number;
  #first = true;
  #firstOfTable = true;

  static async begin(options: SnapshotOptions): Promise<Snapshot> {
    const { connection, slot } = options;
    const replication =
      slot === undefined ? undefined : await connectTo({ ...connection, replication: true });
    const client = await connectTo(connection);
    try {
      await client.query(withoutTimeouts);
      const exported = replication && (await exportSnapshot(replication, slot ?? ''));
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      if (exported !== undefined) await client.query(`SET TRANSACTION SNAPSHOT '${exported.name}'`);
      return new Snapshot(options, client, await momentOf(client, exported?.lsn));
    } catch (error) {
      await client.end();
      throw databaseError(error);
    } finally {
      await replication?.end(); // the transaction has the snapshot now
    }
  }

  private constructor(options: SnapshotOptions, client: Client, moment: Moment) {
    this.#options = options;
    this.#client = client;
    this.#moment = moment;
    this.#tables = [...options.shapes];
    this.#reportedMs = options.clock.monotonic();
  }

  /** The position from which the slot takes over. */
  get lsn(): bigint {
    return this.#moment.lsn;
  }

  /** Reads the next rows, or returns undefined if there are no more. */
  async read(): Promise<readonly SourceRecord[] | undefined> {
    try {
      while (this.#open !== undefined || this.#tables.length > 0) {
        const records = await this.#readTable((this.#open ??= await this.#openTable()));
        if (records.length > 0) return records;
      }
      const last = this.#release(true, true);
      if (last.length > 0) return last;
    } catch (error) {
      throw databaseError(error);
    }
    await this.#client.query('COMMIT');
    await this.close();
    return undefined;
  }

  close(): Promise<void> {
    return this.#client.end();
  }

  async #openTable(): Promise<TableShape> {
    const shape = this.#tables.shift()!;
    const { oid, schema, table, columns } = shape.relation;
    const names = columns.map(({ name }) => pg.escapeIdentifier(name)).join(', ');
    const from = `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`;
    await this.#client.query(`DECLARE rows NO SCROLL CURSOR FOR SELECT ${names} FROM ${from}`);
    this.#firstOfTable = true;
    this.#rows = 0;
    this.#estimatedRows = await estimatedRows(this.#client, oid);
    return shape;
  }

  async #readTable(shape: TableShape): Promise<readonly SourceRecord[]> {
    const { rows } = await this.#client.query<(string | null)[]>({
      text: `FETCH ${this.#rowsPerRead} FROM rows`,
      rowMode: 'array',
    });
    const records = rows.flatMap((tuple) => {
      const before = this.#release(false, this.#held !== undefined && this.#held.shape !== shape);
      this.#held = { shape, tuple };
      return before;
    });
    this.#rows += rows.length;
    if (rows.length === this.#rowsPerRead) {
      this.#reportProgress(shape);
      this.#rowsPerRead = rowsFor(rows);
      return records;
    }
    this.#options.log('has read all rows of a table', { table: nameOf(shape.relation), rows: this.#rows });
    await this.#client.query('CLOSE rows');
    this.#open = undefined;
    return records;
  }

  #reportProgress({ relation }: TableShape): void {
    const { clock, log } = this.#options;
    const now = clock.monotonic();
    if (now - this.#reportedMs < progressEveryMs) return;
    this.#reportedMs = now;
    const estimate = this.#estimatedRows === undefined ? {} : { estimatedRows: this.#estimatedRows };
    log('reads the rows of a table', { table: nameOf(relation), rows: this.#rows, ...estimate });
  }

  /** Makes the record of the row that was held back, and marks its place in the snapshot. */
  #release(last: boolean, lastOfTable: boolean): readonly SourceRecord[] {
    const held = this.#held;
    if (held === undefined) return [];
    this.#held = undefined;
    const { shape, tuple } = held;
    const snapshot = this.#mark(last, lastOfTable);
    const { lsn, xid, us } = this.#moment;
    const origin = { lsn, xid, committedUs: us, commitBefore: null, snapshot };
    const change = { op: 'r', before: null, after: shape.row(tuple), key: shape.key(tuple) } as const;
    this.#firstOfTable = lastOfTable;
    this.#first = false;
    return [this.#options.maker.change(shape, change, origin, snapshotOffset)];
  }

  #mark(last: boolean, lastOfTable: boolean): SnapshotMark {
    if (last) return 'last';
    if (this.#first) return 'first';
    if (lastOfTable) return 'last_in_data_collection';
    return this.#firstOfTable ? 'first_in_data_collection' : 'true';
  }
}

async function exportSnapshot(client: Client, slot: string): Promise<{ name: string; lsn: bigint }> {
  const { rows } = await client.query<{ snapshot_name: string; consistent_point: string }>(
    `CREATE_REPLICATION_SLOT ${pg.escapeIdentifier(slot)} LOGICAL pgoutput (SNAPSHOT 'export')`,
  );
  const { snapshot_name: name, consistent_point: lsn } = rows[0]!;
  return { name, lsn: parseLsn(lsn) };
}

async function estimatedRows(client: Client, oid: number): Promise<number | undefined> {
  const { rows } = await client.query<{ rows: string | null }>(estimateStatement, [oid]);
  const estimate = rows[0]?.rows ?? null;
  return estimate === null ? undefined : Number(estimate);
}

async function momentOf(client: Client, lsn: bigint | undefined): Promise<Moment> {
  const { rows } = await client.query<{ lsn: string; xid: string; us: string }>(
    `SELECT pg_current_wal_lsn()::text AS lsn, pg_snapshot_xmax(pg_current_snapshot())::text AS xid,
      (extract(epoch FROM now()) * 1000000)::int8::text AS us`,
  );
  const { lsn: current, xid, us } = rows[0]!;
  return { lsn: lsn ?? parseLsn(current), xid: BigInt(xid), us: BigInt(us) };
}

function rowsFor(rows: readonly (readonly (string | null)[])[]): number {
  const bytes = rows.reduce((sum, row) => sum + row.reduce((size, text) => size + (text?.length ?? 0), 0), 0);
  return Math.max(1, Math.min(rowsMax, Math.floor((bytesWanted * rows.length) / (bytes + 1))));
}
