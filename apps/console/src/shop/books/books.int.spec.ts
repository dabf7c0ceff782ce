import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { until } from '@millrace/testing/service';
import { testConsole } from '../../console.fixture.ts';
import type { BooksView } from './views.ts';

const noStack = { MILLRACE_DATA: '/nowhere/millrace' };

describe('the books of the shop in a read-only console', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    await database.sql.query(`
      CREATE VIEW event AS SELECT 'order-1'::text AS stream, 'OrderCreated'::text AS type FROM pg_sleep(60)`);
  });
  afterAll(() => database.drop());

  const console = testConsole(() => ({
    ...noStack,
    CONSOLE_READ_ONLY: '1',
    ORDER_DATABASE_URL: database.url,
    INVENTORY_DATABASE_URL: database.url,
    PAYMENT_DATABASE_URL: database.url,
    SHIPPING_DATABASE_URL: database.url,
    NOTIFICATION_DATABASE_URL: database.url,
  }));
  const view = () => console.first<BooksView>('/api/shop/books/live');
  const act = (name: 'check' | 'stop') => console.post(`/api/shop/books/${name}`, {});
  const queries = async () => {
    const { rows } = await database.sql.query(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%count(*) AS orders%'
       AND pid <> pg_backend_pid() AND state = 'active'`,
    );
    return rows.length;
  };

  it('are checked once at a time, until somebody stops the check, and not again at once', async () => {
    expect(await view()).toMatchObject({ running: null, last: null });
    expect(await act('check')).toMatchObject({ status: 204 });
    expect(await act('check')).toMatchObject({ status: 204 });
    expect(await view()).toMatchObject({
      running: { doing: 'reading the events of all services', unit: 'part', done: 0, of: 4 },
      last: null,
    });
    await until(queries, (running) => running === 1);

    expect(await act('stop')).toMatchObject({ status: 204 });
    const ended = await until(view, ({ last }) => last !== null);
    expect(ended).toMatchObject({ running: null, last: { end: 'stopped' } });
    expect(await act('check')).toMatchObject({ status: 429, body: { code: 'checked_just_now' } });
  });

  it('can be checked, but no order can be placed', async () => {
    const refused = await console.post('/api/shop/orders', { scenario: 'any' });
    expect(refused).toMatchObject({ status: 403, body: { code: 'read_only' } });
  });
});

describe('the books of the shop in a console that knows no database', () => {
  const console = testConsole(() => ({ ...noStack, ORDER_DATABASE_URL: 'postgres://127.0.0.1:1/order' }));

  it('are not checked, and the console names the settings that are missing', async () => {
    const refused = await console.post('/api/shop/books/check', {});
    expect(refused).toMatchObject({ status: 409, body: { code: 'no_databases' } });
    expect(JSON.stringify(refused.body)).toContain('set INVENTORY_DATABASE_URL, PAYMENT_DATABASE_URL, ');
    expect(JSON.stringify(refused.body)).not.toContain('ORDER_DATABASE_URL');
  });
});
