import { afterAll, beforeEach } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import type { PoolClient } from 'pg';
import { serialQueue } from '../runtime/index.ts';
import { createPrefixReader, type PositionedRow, type PrefixReader } from './prefix-reader.ts';
import type { SqlDatabase } from './transaction.ts';

export type Item = PositionedRow & { readonly stream: string; readonly version: number };

const schema = `
  DROP TABLE IF EXISTS item, stream, inbox_note;
  DROP SEQUENCE IF EXISTS item_sequence CASCADE;
  CREATE SEQUENCE item_sequence CACHE 1;
  CREATE OR REPLACE FUNCTION item_position() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
    BEGIN PERFORM pg_current_xact_id(); RETURN nextval('item_sequence'); END $$;
  CREATE TABLE item (
    position bigint PRIMARY KEY DEFAULT item_position(), xid xid8 NOT NULL DEFAULT pg_current_xact_id(), stream text, version int);
  CREATE TABLE stream (id text PRIMARY KEY, version int NOT NULL);
  CREATE TABLE inbox_note (id int)`;

export const itemsAfter =
  'SELECT position, stream, version FROM item WHERE position > $1 ORDER BY position LIMIT $2';

/**
 * Locks the stream's row before it draws the position, so that positions follow the order of the
 * stream.
 */
export const append = `
  WITH locked AS (
    INSERT INTO stream VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET version = stream.version + 1 RETURNING id, version
  ) INSERT INTO item (stream, version) SELECT id, version FROM locked`;

export const label = (row: { stream: string; version: number }) => `${row.stream}${row.version}`;

export interface Reader {
  poll(): Promise<void>;
  /** The stream and version of each delivered row. */
  readonly seen: string[];
}

export function prefixReader(sql: SqlDatabase, limit = 1000): Reader & { hole: PrefixReader<Item>['hole'] } {
  const reader = createPrefixReader<Item>({ database: sql, statement: itemsAfter });
  let cursor = 0n;
  const seen: string[] = [];
  return {
    seen,
    hole: () => reader.hole(),
    async poll() {
      for (const row of await reader.read(cursor, limit)) {
        seen.push(label(row));
        cursor = BigInt(row.position);
      }
    },
  };
}

/**
 * Polls until `done`. One poll may not be enough to pass a hole, because a PostgreSQL worker such
 * as autovacuum may delay the proof for a moment.
 */
export async function pollUntil(done: () => boolean, ...readers: Reader[]): Promise<void> {
  for (let polls = 0; polls < 2_000 && !done(); polls += 1) for (const reader of readers) await reader.poll();
}

/** The database, with one statement at a time and a callback that is awaited before each. */
export function stepped(sql: SqlDatabase, before: (statement: string) => Promise<void> | void): SqlDatabase {
  const inTurn = serialQueue();
  return {
    transaction: (work) => sql.transaction(work),
    query: (text, values) =>
      inTurn(async () => {
        await before(text);
        return sql.query(text, values);
      }),
  };
}

/**
 * A database whose tables are empty when a test begins, and sessions that are closed after the
 * test.
 */
export function itemBench() {
  const bench = { database: undefined as unknown as TestDatabase };
  const sessions: PoolClient[] = [];

  async function session(): Promise<PoolClient> {
    const client = await bench.database.pool.connect();
    sessions.push(client);
    return client;
  }
  const closeSessions = () => {
    for (const client of sessions.splice(0)) client.release(true);
  };

  beforeEach(async () => {
    bench.database ??= await createTestDatabase();
    closeSessions();
    await bench.database.sql.query(schema);
  });
  afterAll(async () => {
    closeSessions();
    await bench.database.drop();
  });
  return Object.assign(bench, { session });
}
