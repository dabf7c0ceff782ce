import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { withTransactionsElsewhere } from '@millrace/testing/postgres';
import type { PoolClient } from 'pg';
import { append, itemBench, itemsAfter, pollUntil, prefixReader, stepped } from './prefix-reader.fixture.ts';
import { oldestBackendBefore, oldestPreparedBefore, takeFence } from './prefix-reader.ts';
import type { SqlDatabase } from './transaction.ts';

/**
 * How the owner of a hole may end while the reader checks it, and whether its row is committed.
 */
const endings = [
  { ending: 'commits', now: ['COMMIT'], later: [], committed: true },
  { ending: 'rolls back', now: ['ROLLBACK'], later: [], committed: false },
  {
    ending: 'is prepared, and committed later',
    now: ["PREPARE TRANSACTION 'hole'"],
    later: ["COMMIT PREPARED 'hole'"],
    committed: true,
  },
  {
    ending: 'is prepared, and rolled back later',
    now: ["PREPARE TRANSACTION 'hole'"],
    later: ["ROLLBACK PREPARED 'hole'"],
    committed: false,
  },
  {
    ending: 'is prepared and committed',
    now: ["PREPARE TRANSACTION 'hole'", "COMMIT PREPARED 'hole'"],
    later: [],
    committed: true,
  },
];

/**
 * The statement of the poll before which the owner ends. A poll that waits may not get that far.
 */
const moments = [
  { moment: 'the fence is taken', statement: takeFence, occurrence: 1 },
  { moment: 'the backends are read', statement: oldestBackendBefore, occurrence: 1 },
  { moment: 'the prepared transactions are read', statement: oldestPreparedBefore, occurrence: 1 },
  { moment: 'the rows are read again', statement: itemsAfter, occurrence: 2 },
];

describe('the fence of one database', () => {
  const bench = itemBench();
  const { session } = bench;
  const run = async (client: PoolClient, statements: readonly string[]) => {
    for (const statement of statements) await client.query(statement);
  };
  const rolledBack = async (client: PoolClient) => {
    await client.query('BEGIN');
    await client.query(append, ['lost']);
    await client.query('ROLLBACK');
  };

  it('M17 is not delayed by a transaction of another database, open or prepared', async () => {
    const reader = prefixReader(bench.database.sql);
    await withTransactionsElsewhere(async () => {
      await rolledBack(await session());
      await bench.database.sql.query(append, ['s']);
      await pollUntil(() => reader.seen.length > 0, reader);
    });

    expect(reader.seen).toEqual(['s1']);
  });

  it.each(moments.flatMap((moment) => endings.map((ending) => ({ ...moment, ...ending }))))(
    'M17 loses no row when the owner of a hole $ending before $moment',
    async ({ statement, occurrence, now, later, committed }) => {
      const owner = await session();
      await owner.query('BEGIN');
      await owner.query(append, ['t']);
      await bench.database.sql.query(append, ['s']);
      let asked = 0;
      let ended = false;
      const end = async () => {
        ended = true;
        await run(owner, now);
      };
      const reader = prefixReader(
        stepped(bench.database.sql, async (text) => {
          if (text === statement) asked += 1;
          if (text === statement && asked === occurrence && !ended) await end();
        }),
      );
      await reader.poll();
      if (!ended) await end();
      await reader.poll();
      await run(owner, later);
      await pollUntil(() => reader.seen.includes('s1'), reader);

      expect(reader.seen).toEqual(committed ? ['t1', 's1'] : ['s1']);
    },
  );

  it('waits for a prepared transaction and names it', async () => {
    const owner = await session();
    await owner.query('BEGIN');
    await owner.query(append, ['t']);
    await bench.database.sql.query(append, ['s']);
    await owner.query("PREPARE TRANSACTION 'two phases'");
    const reader = prefixReader(bench.database.sql);
    await reader.poll();

    expect(await reader.hole()).toMatchObject({ position: 1n, blocker: { pid: null, name: 'two phases' } });
    await owner.query("COMMIT PREPARED 'two phases'");
    await reader.poll();
    expect(reader.seen).toEqual(['t1', 's1']);
  });

  it.each([
    { ends: 'released', statement: 'RELEASE inner_one', seen: ['t1', 's1'] },
    { ends: 'rolled back', statement: 'ROLLBACK TO inner_one', seen: ['s1'] },
  ])('waits for a whole transaction whose savepoint is $ends', async ({ statement, seen }) => {
    const owner = await session();
    const reader = prefixReader(bench.database.sql);
    await run(owner, ['BEGIN', 'SAVEPOINT inner_one']);
    await owner.query(append, ['t']);
    await bench.database.sql.query(append, ['s']);
    await reader.poll();
    await owner.query(statement);
    await reader.poll();
    expect(reader.seen).toEqual([]);

    await owner.query('COMMIT');
    await pollUntil(() => reader.seen.length > 0, reader);
    expect(reader.seen).toEqual(seen);
  });

  it('must be checked outside a transaction, because PostgreSQL keeps its first copy of the backends within one', async () => {
    const owner = await session();
    const fenceNow = async () => (await bench.database.sql.query<{ xid: string }>(takeFence)).rows[0]?.xid;
    await bench.database.sql.transaction(async (transaction) => {
      await transaction.query(oldestBackendBefore, [await fenceNow()]);
      await run(owner, ['BEGIN', 'SELECT pg_current_xact_id()']);
      const fence = await fenceNow();

      expect((await transaction.query(oldestBackendBefore, [fence])).rowCount).toBe(0);
      expect((await bench.database.sql.query(oldestBackendBefore, [fence])).rowCount).toBe(1);
    });
  });

  it('passes the hole of a terminated session', async () => {
    const owner = await session();
    owner.on('error', () => undefined);
    const { rows } = await owner.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await owner.query('BEGIN');
    await owner.query(append, ['t']);
    await bench.database.sql.query(append, ['s']);
    const reader = prefixReader(bench.database.sql);
    await reader.poll();
    expect(reader.seen).toEqual([]);

    await bench.database.sql.query('SELECT pg_terminate_backend($1, 10000)', [rows[0]?.pid]);
    await pollUntil(() => reader.seen.length > 0, reader);
    expect(reader.seen).toEqual(['s1']);
  });

  it('sees the transactions of other roles without any privilege, except for their age', async () => {
    const role = `reader_${randomBytes(6).toString('hex')}`;
    const { sql } = bench.database;
    await sql.query(`CREATE ROLE ${role}`);
    await sql.query(`GRANT SELECT ON item TO ${role}`);
    const client = await session();
    await client.query(`SET ROLE ${role}`);
    const reader = prefixReader(asDatabase(client));
    const owner = await session();
    await run(owner, ["SET application_name = 'another role'", 'BEGIN']);
    await owner.query(append, ['t']);
    await sql.query(append, ['s']);
    await reader.poll();
    expect(reader.seen).toEqual([]);
    expect(await reader.hole()).toMatchObject({ blocker: { name: 'another role', ageMs: null } });

    await owner.query('COMMIT');
    await reader.poll();
    expect(reader.seen).toEqual(['t1', 's1']);
    await client.query('RESET ROLE');
    await sql.query(`DROP OWNED BY ${role}`);
    await sql.query(`DROP ROLE ${role}`);
  });

  /**
   * Replaces PostgreSQL's function by one that returns the rows of a table, because a session
   * cannot produce some of these rows.
   */
  async function shadowed(): Promise<PoolClient> {
    const client = await session();
    await run(client, [
      'DROP SCHEMA IF EXISTS shadow CASCADE',
      'CREATE SCHEMA shadow',
      'CREATE TABLE shadow.backend (pid int, datid oid, application_name text, xact_start timestamptz, backend_xid xid)',
      'CREATE FUNCTION shadow.pg_stat_get_activity(int) RETURNS SETOF shadow.backend LANGUAGE sql AS $$ SELECT * FROM shadow.backend $$',
      'SET search_path = shadow, public, pg_catalog',
    ]);
    return client;
  }
  const insertBackend = 'INSERT INTO shadow.backend (datid, backend_xid)';
  const ours = '(SELECT oid FROM pg_database WHERE datname = current_database())';
  const beforeTheWrap = '4294967290';
  const afterTheWrap = '5';

  it.each([
    { what: 'passes a hole when there is no backend', rows: '', passes: true },
    { what: 'waits for an older process without a database', rows: "(NULL, '3')", passes: false },
    { what: 'waits for an older backend of its own database', rows: `(${ours}, '3')`, passes: false },
    { what: 'does not wait for an older backend of another database', rows: "(1, '3')", passes: true },
    { what: 'does not wait for a younger backend', rows: `(${ours}, '2000000000')`, passes: true },
    {
      what: 'waits for a backend whose id is from before the wraparound',
      rows: `(${ours}, '${beforeTheWrap}')`,
      passes: false,
    },
  ])('$what', async ({ rows, passes }) => {
    const client = await shadowed();
    if (rows !== '') await client.query(`${insertBackend} VALUES ${rows}`);
    await rolledBack(client);
    await client.query(append, ['s']);
    const reader = prefixReader(asDatabase(client));
    await reader.poll();
    expect(reader.seen).toEqual(passes ? ['s1'] : []);
  });

  it('is younger than an id from before the wraparound if it was taken after it, and older than the ids that follow', async () => {
    const client = await shadowed();
    const fence = String(2n ** 32n + BigInt(afterTheWrap));
    const blockedBy = async (xid: string) => {
      await client.query('TRUNCATE shadow.backend');
      await client.query(`${insertBackend} VALUES (${ours}, $1)`, [xid]);
      return (await client.query(oldestBackendBefore, [fence])).rowCount === 1;
    };

    expect(await blockedBy(beforeTheWrap)).toBe(true);
    expect(await blockedBy('4')).toBe(true);
    expect(await blockedBy(afterTheWrap)).toBe(false);
    expect(await blockedBy('6')).toBe(false);
  });
});

const asDatabase = (client: PoolClient): SqlDatabase => ({
  query: async (text, values = []) => {
    const { rows, rowCount } = await client.query(text, [...values]);
    return { rows, rowCount: rowCount ?? 0 };
  },
  transaction: () => Promise.reject(new Error('the reader opens no transaction')),
});
