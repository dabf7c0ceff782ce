import { describe, expect, it } from '@jest/globals';
import { withTransactionsElsewhere, type TestDatabase } from '@millrace/testing/postgres';
import { seed as processSeed, seededRandom } from '@millrace/testing/random';
import {
  append,
  itemBench,
  itemsAfter,
  label,
  pollUntil,
  prefixReader,
  stepped,
  type Item,
  type Reader,
} from './prefix-reader.fixture.ts';
import type { SqlDatabase } from './transaction.ts';

/** Reads everything after the last position that it saw, as most outboxes do. */
function naiveReader(sql: SqlDatabase): Reader {
  let last = '0';
  const seen: string[] = [];
  const statement = 'SELECT position, stream, version FROM item WHERE position > $1 ORDER BY position';
  return {
    seen,
    async poll() {
      for (const row of (await sql.query<Item>(statement, [last])).rows) {
        seen.push(label(row));
        last = row.position;
      }
    },
  };
}

/**
 * Reads by (transaction id, position) up to the oldest running transaction, as Emmett and
 * Watermill-SQL do.
 */
function transactionIdReader(sql: SqlDatabase): Reader {
  let last = ['0', '0'];
  const seen: string[] = [];
  const statement = `
    SELECT xid::text, position, stream, version FROM item
    WHERE (xid, position) > ($1::xid8, $2::bigint) AND xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xid, position`;
  return {
    seen,
    async poll() {
      for (const row of (await sql.query<Item & { xid: string }>(statement, last)).rows) {
        seen.push(label(row));
        last = [row.xid, row.position];
      }
    },
  };
}

describe('the prefix-and-fence reader', () => {
  const bench = itemBench();
  const { session } = bench;

  it('M02 delivers everything in stream order, in a schedule in which the usual readers skip or reorder rows', async () => {
    const a = await session();
    const b = await session();
    const readers = {
      naive: naiveReader(bench.database.sql),
      xid: transactionIdReader(bench.database.sql),
      prefix: prefixReader(bench.database.sql),
    };
    const all = Object.values(readers);

    await a.query('BEGIN');
    await a.query('INSERT INTO inbox_note VALUES (1)'); // takes its transaction id early, as a consumer does
    await a.query(append, ['t']); // draws position 1 and stays open
    await b.query(append, ['s']); // position 2, committed: s1
    await pollUntil(() => readers.naive.seen.length > 0, ...all);
    expect(readers.prefix.seen).toEqual([]);

    await a.query(append, ['s']); // position 3: s2
    await a.query('COMMIT');
    await pollUntil(() => readers.prefix.seen.length === 3 && readers.xid.seen.length === 3, ...all);

    expect(readers.naive.seen).toEqual(['s1', 's2']); // t1 is skipped forever
    expect(readers.xid.seen).toEqual(['t1', 's2', 's1']); // s2 comes before s1
    expect(readers.prefix.seen).toEqual(['t1', 's1', 's2']);
  });

  it('names the backend that a hole waits for, and reports no hole when there is none', async () => {
    const a = await session();
    const b = await session();
    const reader = prefixReader(bench.database.sql);
    await a.query('BEGIN');
    await a.query(append, ['t']);
    await b.query(append, ['s']);
    await reader.poll();

    const { rows } = await a.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    let hole = await reader.hole();
    for (let asked = 0; asked < 2_000 && hole?.blocker?.pid !== rows[0]?.pid; asked += 1)
      hole = await reader.hole();
    expect(hole).toEqual({
      position: 1n,
      blocker: { pid: rows[0]?.pid, name: expect.any(String), ageMs: expect.any(Number) },
    });

    await a.query('COMMIT');
    await reader.poll();
    expect(await reader.hole()).toBeUndefined();
  });

  it('is not delayed by an unrelated long writing transaction while there is no hole', async () => {
    const unrelated = await session();
    const xid = transactionIdReader(bench.database.sql);
    const prefix = prefixReader(bench.database.sql);
    await unrelated.query('BEGIN');
    await unrelated.query('INSERT INTO inbox_note VALUES (1)');
    for (let count = 0; count < 50; count += 1) await bench.database.sql.query(append, ['s']);
    await xid.poll();
    await prefix.poll();

    expect(xid.seen).toHaveLength(0);
    expect(prefix.seen).toEqual(Array.from({ length: 50 }, (_, index) => `s${index + 1}`));
    await unrelated.query('ROLLBACK');
  });

  it('passes the holes of rolled back transactions, with one fence for all holes below the rows that it saw', async () => {
    const a = await session();
    const statements: string[] = [];
    const reader = prefixReader(stepped(bench.database.sql, (text) => void statements.push(text)));
    for (let count = 0; count < 3; count += 1) {
      await a.query('BEGIN');
      await a.query(append, ['lost']);
      await a.query('ROLLBACK');
      await a.query(append, ['kept']);
    }
    await pollUntil(() => reader.seen.length === 3, reader);

    expect(reader.seen).toEqual(['kept1', 'kept2', 'kept3']);
    expect(statements.filter((text) => text.includes('pg_current_xact_id()'))).toHaveLength(1);
  });

  it('sends one statement per poll and takes no transaction id while there is no hole', async () => {
    const statements: string[] = [];
    const reader = prefixReader(stepped(bench.database.sql, (text) => void statements.push(text)));
    for (let count = 0; count < 5; count += 1) {
      await bench.database.sql.query(append, ['s']);
      await reader.poll();
    }

    expect(reader.seen).toHaveLength(5);
    expect(statements).toEqual(Array(5).fill(itemsAfter));
  });

  it('waits at a hole only for transactions that are older than its fence, even if new holes open above', async () => {
    const a = await session();
    const b = await session();
    const c = await session();
    const reader = prefixReader(bench.database.sql, 2);
    await a.query('BEGIN');
    await a.query(append, ['a']); // 1
    await c.query(append, ['c']); // 2
    await reader.poll();
    await b.query('BEGIN');
    await b.query(append, ['b']); // 3: a hole above the fence, younger than it
    await c.query(append, ['c']); // 4
    await reader.poll();
    expect(reader.seen).toEqual([]);

    await a.query('ROLLBACK');
    await pollUntil(() => reader.seen.length > 0, reader);
    expect(reader.seen).toEqual(['c1']);
    await reader.poll();
    expect(reader.seen).toEqual(['c1']);

    await b.query('COMMIT');
    await reader.poll();
    expect(reader.seen).toEqual(['c1', 'b1', 'c2']);
  });

  it.each([1, 20261120, processSeed])(
    'M02 delivers exactly what random concurrent writers commit, in stream order (seed %d)',
    async (seed) => {
      const random = seededRandom(seed);
      const committed: string[] = [];
      const reader = prefixReader(bench.database.sql, 25);
      await withTransactionsElsewhere(async () => {
        const writers = Array.from({ length: 6 }, (_, number) =>
          writer(bench.database, { random, committed, number }),
        );
        let writing = true;
        const done = Promise.all(writers).then(() => (writing = false));
        while (writing) await reader.poll();
        await done;
        await pollUntil(() => reader.seen.length >= committed.length, reader);
      });

      expect([...reader.seen].sort()).toEqual([...committed].sort());
      const versions = new Map<string, number>();
      for (const item of reader.seen) {
        const stream = item.slice(0, 2);
        const version = Number(item.slice(2));
        expect(version).toBeGreaterThan(versions.get(stream) ?? 0);
        versions.set(stream, version);
      }
    },
  );
});

interface Writing {
  readonly random: () => number;
  readonly committed: string[];
  readonly number: number;
}

async function writer(database: TestDatabase, { random, committed, number }: Writing): Promise<void> {
  const client = await database.pool.connect();
  try {
    for (let count = 0; count < 40; count += 1) {
      await client.query('BEGIN');
      if (random() < 0.5) await client.query('INSERT INTO inbox_note VALUES (1)');
      if (random() < 0.3) await client.query('SAVEPOINT inner_one');
      const streams = ['s-', 't-', 'u-', 'v-'].filter(() => random() < 0.4);
      const written: string[] = [];
      for (const stream of streams) {
        await client.query(append, [stream]);
        const { rows } = await client.query<{ version: number }>('SELECT version FROM stream WHERE id = $1', [
          stream,
        ]);
        written.push(`${stream}${rows[0]?.version}`);
      }
      const keep = random() < 0.8;
      const end = keep ? 'COMMIT' : 'ROLLBACK';
      if (random() < 0.2) {
        const gid = `${database.name} ${number} ${count}`;
        await client.query(`PREPARE TRANSACTION '${gid}'`);
        await client.query(`${end} PREPARED '${gid}'`);
      } else await client.query(end);
      if (keep) committed.push(...written);
    }
  } finally {
    client.release();
  }
}
