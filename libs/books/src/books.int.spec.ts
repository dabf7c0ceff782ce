import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { deadLetters, payments, readModelDifferences, returns } from './books.sql.ts';
import { query } from './service-databases.ts';

describe('the dead letters in the books', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    await database.sql.query(`
      CREATE TABLE outbox (topic text, key text, type text, headers jsonb);
      CREATE TABLE dead_letter_decision (topic text, consumer_group text, origin_partition int, origin_offset bigint);`);
  });
  afterAll(() => database.drop());

  const write = (key: string, offset: number, topic = 'orders.dlq') =>
    database.sql.query('INSERT INTO outbox VALUES ($1, $2, $3, $4)', [
      topic,
      key,
      'Reserve',
      { dlq_group: 'shelf', dlq_partition: '1', dlq_offset: String(offset), dlq_reason: 'broken' },
    ]);

  it('are those that no operator has decided about', async () => {
    await write('open', 7);
    await write('discarded', 8);
    await write('of another group', 9);
    await write('no dead letter', 10, 'orders');
    await database.sql.query(
      `INSERT INTO dead_letter_decision VALUES ('orders.dlq', 'shelf', 1, 8), ('orders.dlq', 'order', 1, 9), ('orders.dlq', NULL, NULL, NULL)`,
    );

    const found = await query(database.url, deadLetters);
    expect(found.map(({ key }) => key).sort()).toEqual(['of another group', 'open']);
  });
});

describe('the returns in the books', () => {
  const order = '0199f000-0000-4000-8000-000000000001';
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    await database.sql.query(`
      CREATE TABLE event (stream text, type text, data jsonb, version bigint, position bigint);
      CREATE TABLE product (sku text, on_hand bigint, reserved bigint, shipped bigint, returned bigint);`);
  });
  afterAll(() => database.drop());

  const record = (stream: string, type: string, data: object) =>
    database.sql.query('INSERT INTO event (stream, type, data) VALUES ($1, $2, $3)', [stream, type, data]);

  it('are open until they are completed or closed', async () => {
    const lines = [{ sku: 'lamp', quantity: 1 }];
    await record(`return-${order}`, 'ReturnRequested', { lines, refund: { amount: 20, currency: 'EUR' } });
    const found = { order_id: order, lines, refund: '20' };
    expect(await query(database.url, returns)).toEqual([{ ...found, status: 'open' }]);

    await record(`return-${order}`, 'ReturnCompleted', {});
    expect(await query(database.url, returns)).toEqual([{ ...found, status: 'completed' }]);
  });

  it('move money of the account and the card, apart from the payment of the order', async () => {
    await database.sql.query(`
      CREATE TABLE provider_charge (key text, amount bigint, outcome text);
      CREATE TABLE provider_refund (key text, charge_key text);
      CREATE TABLE provider_part_refund (key text, charge_key text, amount bigint, outcome text);
      CREATE TABLE provider_reversal (key text, refund_key text);
      INSERT INTO provider_charge VALUES ('c:pay', 40, 'approved');
      INSERT INTO provider_part_refund VALUES ('return:c:refund', 'c:pay', 15, 'refunded'), ('return:d:refund', 'd:pay', 15, 'refused');
      INSERT INTO provider_reversal VALUES ('return:c:refund:undo', 'return:c:refund');`);
    const moved = { orderId: 'a', amount: 15 };
    await record('account-ada', 'MoneyWithdrawn', { orderId: 'a', amount: 40 });
    await record('account-ada', 'MoneyDeposited', { ...moved, purpose: 'return' });
    await record('account-ada', 'MoneyWithdrawn', { ...moved, purpose: 'return' });

    expect(await query(database.url, payments)).toEqual([
      { order_id: 'a', back: false, amount: '40', by: 'account', purpose: null },
      { order_id: 'a', back: true, amount: '15', by: 'account', purpose: 'return' },
      { order_id: 'a', back: false, amount: '15', by: 'account', purpose: 'return' },
      { order_id: 'c', back: false, amount: '40', by: 'card', purpose: null },
      { order_id: 'c', back: true, amount: '15', by: 'card', purpose: 'return' },
      { order_id: 'c', back: false, amount: '15', by: 'card', purpose: 'return' },
    ]);
  });

  it('move units that the read model of the stock has to show', async () => {
    const moves: ReadonlyArray<readonly [string, number]> = [
      ['StockReceived', 10],
      ['StockReserved', 6],
      ['StockReleased', 1],
      ['StockShipped', 5],
      ['StockReturned', 4],
      ['StockSentBack', 1],
      ['StockRestocked', 2],
    ];
    for (const [type, quantity] of moves) await record('stock-lamp', type, { quantity });
    await database.sql.query(`INSERT INTO product VALUES ('lamp', 7, 0, 2, 1)`);
    const [differences] = readModelDifferences.inventory;
    expect(await query(database.url, differences)).toEqual([]);

    await database.sql.query('UPDATE product SET returned = 0');
    expect(await query(database.url, differences)).toEqual([
      { subject: 'product lamp', events: '7/0/2/1', read_model: '7/0/2/0' },
    ]);
  });
});

describe('the read model of the sagas in the books', () => {
  const [, sagas] = readModelDifferences.order;
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    await database.sql.query(`
      CREATE TABLE event (stream text, type text);
      CREATE TABLE saga_instance (definition text, saga_id text, status text);`);
  });
  afterAll(() => database.drop());

  async function differences(
    events: Readonly<Record<string, readonly string[]>>,
    rows: readonly (readonly [definition: string, id: string, status: string])[],
  ) {
    await database.sql.query('TRUNCATE event, saga_instance');
    for (const [stream, types] of Object.entries(events))
      for (const type of types) await database.sql.query('INSERT INTO event VALUES ($1, $2)', [stream, type]);
    for (const row of rows)
      await database.sql.query('INSERT INTO saga_instance VALUES ($1, $2, $3)', [...row]);
    return query(database.url, sagas);
  }

  it('agrees with sagas of several definitions that have the same id', async () => {
    const events = {
      'saga-fulfillment-7': ['SagaStarted', 'SagaCompleted'],
      'saga-returns-7': ['SagaStarted'],
      'saga-returns-8': ['SagaStarted', 'SagaCompensated'],
    };
    expect(
      await differences(events, [
        ['fulfillment', '7', 'completed'],
        ['returns', '7', 'closing'],
        ['returns', '8', 'compensated'],
      ]),
    ).toEqual([]);
  });

  it('differs by the saga that has another status, that is missing, or that nothing tells of', async () => {
    const events = {
      'saga-fulfillment-7': ['SagaStarted', 'SagaCompleted'],
      'saga-returns-7': ['SagaStarted', 'SagaCompensated'],
      'saga-returns-8': ['SagaStarted'],
    };
    const found = await differences(events, [
      ['fulfillment', '7', 'completed'],
      ['returns', '7', 'completed'],
      ['loyalty', '8', 'running'],
    ]);
    expect(found.toSorted((one, other) => String(one.subject).localeCompare(String(other.subject)))).toEqual([
      { subject: 'stream saga-loyalty-8', events: 'open', read_model: 'running' },
      { subject: 'stream saga-returns-7', events: 'compensated', read_model: 'completed' },
      { subject: 'stream saga-returns-8', events: 'open', read_model: null },
    ]);
  });
});
