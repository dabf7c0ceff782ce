import 'reflect-metadata';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '@millrace/streaming-core/runtime';
import {
  mayTakeLong,
  migrate,
  streamingCoreMigrations,
  SqlTransaction,
} from '@millrace/streaming-core/postgres';
import { within } from '@millrace/testing/within';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { Column, Entity, PrimaryColumn, type DataSource } from 'typeorm';
import { problemOf } from '../web/problems/problem-answers.ts';
import { connect, createDataSource } from './data-source.ts';
import { waitForMigrations } from './required-migrations.ts';
import { startSilentProxy, type SilentProxy } from './silent-proxy.fixture.ts';
import { entityManagerOf, typeOrmDatabase } from './typeorm-database.ts';

@Entity({ name: 'order_summary' })
class OrderSummary {
  @PrimaryColumn({ name: 'order_id', type: 'text' })
  orderId!: string;

  @Column({ type: 'text' })
  status!: string;

  @Column({ type: 'integer' })
  total!: number;
}

const until = within(20_000);

let server: TestDatabase;
let source: DataSource;

beforeAll(async () => {
  server = await createTestDatabase();
  await server.sql.query(
    'CREATE TABLE order_summary (order_id text PRIMARY KEY, status text NOT NULL, total integer NOT NULL)',
  );
  source = createDataSource({
    url: server.url,
    entities: [OrderSummary],
    applicationName: 'chassis-test',
    poolSize: 4,
  });
  await connect(source, { url: server.url, waitMsMax: 5_000, logger: silentLogger });
});

afterAll(async () => {
  await source.destroy();
  await server.drop();
});

const statusOf = async (orderId: string) =>
  (await server.sql.query('SELECT status FROM order_summary WHERE order_id = $1', [orderId])).rows[0]?.status;

describe("the service's database", () => {
  it('runs raw statements and entities on one connection, in one transaction', async () => {
    const database = typeOrmDatabase(source);
    const [raw, entity] = await database.transaction(async (transaction) => {
      const pid = 'SELECT pg_backend_pid() AS pid, pg_current_xact_id()::text AS xid';
      return [
        (await transaction.query(pid)).rows[0],
        ((await entityManagerOf(transaction).query(pid)) as unknown[])[0],
      ];
    });
    expect(raw).toEqual(entity);
  });

  it('E04 rolls raw statements and entities back together', async () => {
    const database = typeOrmDatabase(source);
    const failed = database.transaction(async (transaction) => {
      await transaction.query(`INSERT INTO order_summary VALUES ('raw-1', 'pending', 1)`);
      await entityManagerOf(transaction).save(OrderSummary, {
        orderId: 'entity-1',
        status: 'pending',
        total: 1,
      });
      throw new Error('the domain changed its mind');
    });
    await expect(failed).rejects.toThrow('the domain changed its mind');
    expect(await statusOf('raw-1')).toBeUndefined();
    expect(await statusOf('entity-1')).toBeUndefined();
  });

  it('commits raw statements and entities together and announces one commit', async () => {
    let commits = 0;
    const database = typeOrmDatabase(source, { onCommit: () => void commits++ });
    await database.transaction(async (transaction) => {
      await transaction.query(`INSERT INTO order_summary VALUES ('raw-2', 'pending', 1)`);
      await entityManagerOf(transaction).save(OrderSummary, {
        orderId: 'entity-2',
        status: 'pending',
        total: 1,
      });
    });
    expect(await statusOf('raw-2')).toEqual('pending');
    expect(await statusOf('entity-2')).toEqual('pending');
    expect(commits).toEqual(1);
  });

  it('does not report a commit when a swallowed error has rolled the transaction back', async () => {
    const database = typeOrmDatabase(source);
    const swallowing = database.transaction(async (transaction) => {
      await transaction.query(`INSERT INTO order_summary VALUES ('swallowed-1', 'pending', 1)`);
      await transaction.query('SELECT 1 / 0').catch(() => undefined);
    });
    await expect(swallowing).rejects.toMatchObject({ code: 'rolled_back' });
    expect(await statusOf('swallowed-1')).toBeUndefined();
  });

  it('limits the time of transactions on the server', async () => {
    const settings = await typeOrmDatabase(source).query(
      `SELECT current_setting('transaction_timeout') AS total, current_setting('idle_in_transaction_session_timeout') AS idle, current_setting('application_name') AS name`,
    );
    expect(settings.rows[0]).toEqual({ total: '5s', idle: '10s', name: 'chassis-test' });
  });

  it('keeps working after a connection was killed in the middle of a transaction', async () => {
    const database = typeOrmDatabase(source);
    const killed = database.transaction(async (transaction) => {
      await transaction.query(`SELECT pg_terminate_backend(pg_backend_pid())`);
    });
    await expect(killed).rejects.toThrow();
    for (let turn = 0; turn < 6; turn++)
      expect((await database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('K07 answers 503 rather than 500 when a connection is lost between two statements', async () => {
    const lost = await typeOrmDatabase(source)
      .transaction(async (transaction) => {
        const entities = entityManagerOf(transaction);
        await transaction.query(`SELECT pg_terminate_backend(pg_backend_pid())`).catch(() => undefined);
        await until(() => entities.queryRunner?.isReleased === true);
        await entities.findBy(OrderSummary, { orderId: 'o1' });
      })
      .catch((error: unknown) => error);

    // the consumer recognises it by this text, too
    expect(String(lost)).toMatch(/^Error: Connection terminated/);
    expect(problemOf(lost)).toMatchObject({ status: 503 });
  });

  describe('K07 over a network that drops packets', () => {
    let proxy: SilentProxy;
    let distant: DataSource;
    const slow = mayTakeLong(`SELECT pg_sleep(3), 'slow' AS is`);

    beforeEach(async () => {
      proxy = await startSilentProxy(server.url);
      const { url } = proxy;
      distant = createDataSource({ url, applicationName: 'distant', poolSize: 1, answerTimeoutMs: 2_000 });
      await connect(distant, { url, waitMsMax: 5_000, logger: silentLogger });
    });
    afterEach(async () => {
      proxy.close();
      await distant.destroy();
    });

    it('gives up a connection that does not answer, answers 503, and continues on another one', async () => {
      const database = typeOrmDatabase(distant);
      let lost: unknown;
      void database
        .transaction(async (transaction) => {
          await transaction.query('SELECT 1');
          proxy.silence();
          await transaction.query('SELECT 2');
        })
        .catch((error: unknown) => (lost = error));
      await until(() => lost !== undefined, 'the silent connection to be given up');

      expect(String(lost)).toBe('Error: Query read timeout'); // the consumer recognises it by this text
      expect(problemOf(lost)).toMatchObject({ status: 503 });
      expect((await database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);

      proxy.silence();
      await expect(database.query('SELECT 2')).rejects.toThrow('Query read timeout');
      expect((await database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    });

    it('waits for a statement that may take long', async () => {
      const database = typeOrmDatabase(distant);

      await expect(database.query(`SELECT pg_sleep(3)`)).rejects.toThrow('Query read timeout');
      await expect(database.query(slow)).resolves.toMatchObject({ rows: [{ is: 'slow' }] });
    });
  });

  it('rejects entities on a transaction of another database', () => {
    expect(() =>
      entityManagerOf(
        SqlTransaction.on({
          query: () => Promise.reject(new Error('not this one')),
          end: () => Promise.reject(new Error('not this one')),
        }),
      ),
    ).toThrow(/inject DATABASE/);
  });

  it('names the host and the database but not the password when nothing answers', async () => {
    const url = 'postgres://millrace:topsecret@127.0.0.1:9/order';
    const lost = createDataSource({ url, entities: [], applicationName: 'lost' });
    const refusal: unknown = await connect(lost, { url, waitMsMax: 0, logger: silentLogger }).catch(
      (error: unknown) => error,
    );
    expect(refusal).toMatchObject({ code: 'database_unreachable' });
    expect(String(refusal)).toContain('127.0.0.1:9/order');
    expect(String(refusal)).not.toContain('topsecret');
  });

  it('does not wait when waiting cannot help', async () => {
    const url = server.url.replace('millrace:millrace@', 'millrace:wrong@');
    const refused = createDataSource({ url, entities: [], applicationName: 'wrong' });
    const began = performance.now();
    await expect(connect(refused, { url, waitMsMax: 60_000, logger: silentLogger })).rejects.toMatchObject({
      code: 'database_unreachable',
    });
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});

describe('a database that the setup step has not reached', () => {
  let empty: TestDatabase;
  beforeAll(async () => {
    empty = await createTestDatabase();
  });
  afterAll(() => empty.drop());
  const folders = [{ library: 'streaming-core', folder: streamingCoreMigrations }];

  it('is rejected after the wait with the names of the missing migrations', async () => {
    const refused = waitForMigrations(empty.sql, folders, { waitMsMax: 0, logger: silentLogger });
    await expect(refused).rejects.toThrow(/lacks streaming-core\/0001.*run the setup step/);
  });

  it('is awaited until it has its tables', async () => {
    const waiting = waitForMigrations(empty.sql, folders, {
      waitMsMax: 20_000,
      retryDelayMs: 5,
      logger: silentLogger,
    });
    await migrate(empty.sql, folders);
    await waiting;
  });
});
