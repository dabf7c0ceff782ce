import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { fc } from '@millrace/testing/random';
import { Pool } from 'pg';
import { pgDatabase } from './pg-database.ts';
import type { CollectedWrite, SqlDatabase } from './transaction.ts';

/**
 * A server that refuses BEGIN and stays connected, as some poolers do while no server is available:
 * a proxy changes the word into one that PostgreSQL does not know.
 */
describe('a transaction whose BEGIN is refused', () => {
  let database: TestDatabase;
  let proxy: Server;
  let pool: Pool;
  let sql: SqlDatabase;
  let refusing = true;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    await database.sql.query('CREATE TABLE note (text text)');
    const { hostname, port } = new URL(database.url);
    proxy = createServer((client) => {
      const behind = connect(Number(port), hostname);
      behind.pipe(client);
      client.on('data', (bytes) => {
        const at = refusing ? bytes.indexOf('BEGIN\0') : -1;
        if (at >= 0) bytes.write('BEGIX', at);
        behind.write(bytes);
      });
      for (const socket of [client, behind]) sockets.push(socket.on('error', () => undefined));
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
  });
  beforeEach(() => {
    refusing = true;
    const url = new URL(database.url);
    url.port = String((proxy.address() as AddressInfo).port);
    pool = new Pool({ connectionString: url.href, max: 1, pipeline: true });
    sql = pgDatabase(pool);
  });
  afterEach(() => pool.end());
  afterAll(async () => {
    sockets.forEach((socket) => socket.destroy());
    proxy.close();
    await database.drop();
  });

  const notes = async () => (await database.sql.query('SELECT text FROM note')).rows;

  it('rejects with the reason, and sends nothing that would commit by itself', async () => {
    const refused = sql.transaction(async (transaction) => {
      await transaction.query('SELECT 1');
      await transaction.query('INSERT INTO note VALUES ($1)', ['by itself']);
    });
    await expect(refused).rejects.toMatchObject({ code: '42601' });
    expect(await notes()).toEqual([]);
  });

  it('rejects and sends nothing more although the work swallows the reason', async () => {
    const refused = sql.transaction(async (transaction) => {
      await transaction.query('SELECT 1').catch(() => undefined);
      await transaction.query('INSERT INTO note VALUES ($1)', ['by itself']).catch(() => undefined);
    });
    await expect(refused).rejects.toMatchObject({ code: '42601' });
    expect(await notes()).toEqual([]);
  });

  it('runs none of the statements that have left together with BEGIN, nor with COMMIT', async () => {
    const note: CollectedWrite<string> = {
      rank: 1,
      write: async (transaction, texts) => ({
        answers: Promise.all([
          transaction.query('INSERT INTO note SELECT unnest($1::text[])', [texts]),
          transaction.query('INSERT INTO note SELECT $1', [texts[0]]),
        ]),
      }),
    };
    const refused = sql.transaction((transaction) =>
      transaction.lastUnitOfWork(() => transaction.collect(note, ['by itself'])),
    );
    await expect(refused).rejects.toMatchObject({ code: '42601' });
    expect(await notes()).toEqual([]);
  });

  it('leaves its connection to the next one', async () => {
    await expect(sql.transaction((transaction) => transaction.query('SELECT 1'))).rejects.toThrow('BEGIX');
    refusing = false;
    const { rows } = await sql.transaction((transaction) => transaction.query('SELECT 1 AS one'));
    expect(rows).toEqual([{ one: 1 }]);
  });
});

const turnsOfStatements = fc.array(
  fc.array(fc.constantFrom('row' as const, 'rows' as const, 'nothing' as const), { maxLength: 4 }),
  { maxLength: 3 },
);

/**
 * The driver counts on the statement before to prepare this one. PostgreSQL refuses that one in a
 * failed transaction, and then answers 26000 here, or 25P02 if the connection had it prepared.
 */
const unprepared: unknown = expect.stringMatching(/^(25P02|26000)$/);

describe('the statements that leave together', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('get each its own answer, or its own error if one fails, and those behind it are skipped', () =>
    fc.assert(
      fc.asyncProperty(turnsOfStatements, fc.nat(12), async (turns, failing) => {
        let number = 0;
        const outcomes: unknown[] = [];
        const expected: unknown[] = [];
        const done = database.sql.transaction(async (transaction) => {
          for (const [turnNumber, turn] of turns.entries()) {
            const sent = turn.map((kind, place) => {
              const own = number++;
              const isFailing = own === failing;
              const count = { row: 1, rows: 3, nothing: 0 }[kind];
              const isPreparedBefore = turnNumber > 0 && place > 0 && own - 1 > failing;
              const afterFailure = isPreparedBefore ? unprepared : '25P02';
              expected.push(own < failing ? count : isFailing ? '22012' : afterFailure);
              return transaction.query(
                isFailing ? 'SELECT 1 / $1::int' : 'SELECT FROM generate_series(1, $1::int)',
                [isFailing ? 0 : count],
              );
            });
            for (const outcome of await Promise.allSettled(sent))
              outcomes.push(
                outcome.status === 'fulfilled'
                  ? outcome.value.rowCount
                  : (outcome.reason as { code: string }).code,
              );
          }
        });
        if (failing < turns.flat().length) await expect(done).rejects.toMatchObject({ code: 'rolled_back' });
        else await done;
        expect(outcomes).toEqual(expected);
        expect((await database.sql.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
      }),
    ));
});
