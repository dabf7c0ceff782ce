import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { loadState, postgresEventStore } from '@millrace/event-sourcing';
import { recording } from '@millrace/service-chassis/messages';
import { until, type TestService } from '@millrace/testing/service';
import { stock, unitsMax } from './domain/stock.ts';
import type { StockEvent } from './domain/events.ts';
import { openInventory } from './inventory.fixture.ts';
import { stockStream } from './stream-ids.ts';

let inventory: TestService;
beforeAll(async () => {
  inventory = await openInventory();
});
afterAll(() => inventory.close());

const newSku = (prefix = 'lamp') => `${prefix}-${randomUUID().slice(0, 8)}`;
const eur = (amount: number) => ({ amount, currency: 'EUR' });
const define = (sku: string, name = 'Desk lamp', price = eur(24_90)) =>
  inventory.call('PUT', `/products/${sku}`, { name, price });
const receive = (sku: string, quantity: number) =>
  inventory.call('POST', `/products/${sku}/receipts`, { quantity });

const lamp = (sku: string) => ({
  status: 'defined',
  sku,
  name: 'Desk lamp',
  price: eur(24_90),
  onHand: 0,
  reserved: 0,
  shipped: 0,
  returned: 0,
});

const append = (sku: string, events: readonly StockEvent[]) =>
  inventory.database.sql.transaction((transaction) =>
    postgresEventStore().append(
      transaction,
      [{ stream: stockStream(sku), expected: 'any', events }],
      recording({ correlationId: 'receipts', causationId: 'test' }),
    ),
  );
const growBy = (sku: string, events: number) =>
  append(
    sku,
    Array.from({ length: events }, () => ({ type: 'StockReceived', sku, quantity: 1 })),
  );

const snapshotsOf = async (sku: string) =>
  (
    await inventory.database.sql.query(
      'SELECT version::integer, state FROM stream_snapshot WHERE stream = $1',
      [stockStream(sku)],
    )
  ).rows;

describe('a product over HTTP', () => {
  it('is created with 201 and changed with 200, and each change appears in order on product-events', async () => {
    const sku = newSku();
    const created = await define(sku);
    const empty = {
      sku,
      name: 'Desk lamp',
      price: eur(24_90),
      onHand: 0,
      reserved: 0,
      shipped: 0,
      returned: 0,
    };
    expect(created.status).toEqual(201);
    expect(created.headers.get('location')).toEqual(`/products/${sku}`);
    expect(created.body).toEqual(empty);
    expect((await define(sku)).status).toBe(200);
    expect((await define(sku, 'Desk lamp', eur(19_90))).body.price).toEqual(eur(19_90));
    const received = await receive(sku, 7);
    expect(received.status).toEqual(201);
    expect(received.body).toEqual({ ...empty, price: eur(19_90), onHand: 7 });
    const renamed = await define(sku, 'Lamp', eur(19_90));
    expect(renamed.status).toEqual(200);
    expect(renamed.body.name).toEqual('Lamp');
    expect(renamed.body.onHand).toEqual(7);

    const told = await until(
      () => inventory.published('product-events', sku),
      (messages) => messages.length === 4,
    );
    expect(told.map(({ message }) => message)).toEqual([
      { type: 'ProductDefined', sku, name: 'Desk lamp', price: eur(24_90) },
      { type: 'ProductPriceChanged', sku, price: eur(19_90) },
      { type: 'StockReceived', sku, quantity: 7 },
      { type: 'ProductDefined', sku, name: 'Lamp', price: eur(19_90) },
    ]);
  });

  it('publishes the correlation id of the request', async () => {
    const sku = newSku();
    await inventory.call(
      'PUT',
      `/products/${sku}`,
      { name: 'Lamp', price: eur(1) },
      { 'x-correlation-id': 'spring-catalogue' },
    );
    const [told] = await until(
      () => inventory.published('product-events', sku),
      (messages) => messages.length === 1,
    );
    expect(told?.headers.get('ce_correlationid')).toEqual('spring-catalogue');
    expect(told?.headers.get('ce_source')).toEqual('/millrace/inventory');
  });

  it('is listed once, by SKU and page by page, while products are added', async () => {
    const prefix = newSku('zz');
    const skus = ['a', 'b', 'd'].map((letter) => `${prefix}-${letter}`);
    for (const sku of skus) await define(sku);
    const seen: unknown[] = [];
    let cursor = '';
    for (let page = 0; page < 100; page++) {
      const { body } = await inventory.call('GET', `/products?limit=1${cursor}`);
      seen.push(...(body.items ?? []).map(({ sku }) => sku));
      if (seen.at(-1) === skus[1]) await define(`${prefix}-c`);
      if (body.nextCursor === null) break;
      cursor = `&cursor=${String(body.nextCursor)}`;
    }
    expect(seen.filter((sku) => String(sku).startsWith(prefix))).toEqual(
      ['a', 'b', 'c', 'd'].map((letter) => `${prefix}-${letter}`),
    );
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('refuses units beyond the limit', async () => {
    const sku = newSku();
    await define(sku);
    await append(sku, [{ type: 'StockReceived', sku, quantity: unitsMax - 1 }]);
    expect((await receive(sku, 1)).status).toBe(201);
    const refused = await receive(sku, 1);
    expect(refused.status).toEqual(422);
    expect(refused.body.code).toEqual('stock_limit_exceeded');
    expect(refused.body.unitsMax).toEqual(unitsMax);
  });

  it('has a snapshot once its stream is long, and a restarted service continues from it', async () => {
    const sku = newSku();
    await define(sku);
    await growBy(sku, 1_200);
    expect((await receive(sku, 1)).status).toBe(201);
    const [snapshot] = await until(
      () => snapshotsOf(sku),
      (rows) => rows.length > 0,
    );
    expect(snapshot).toEqual({ version: 1_201, state: { ...lamp(sku), onHand: 1_200 } });

    const restarted = postgresEventStore();
    expect(await loadState(inventory.database.sql, restarted, stock, stockStream(sku))).toEqual({
      version: 1_202n,
      state: { ...lamp(sku), onHand: 1_201 },
    });
    expect(restarted.snapshots.due.next()).toBeUndefined();
  });

  it('counts each of several concurrent receipts', async () => {
    const sku = newSku();
    await define(sku);
    const answers = await Promise.all(Array.from({ length: 10 }, () => receive(sku, 1)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 201));
    expect((await inventory.call('GET', `/products/${sku}`)).body.onHand).toBe(10);
  });

  it('keeps a name in any script', async () => {
    const sku = newSku();
    await define(sku, 'Lámpara 灯 💡');
    expect((await inventory.call('GET', `/products/${sku}`)).body.name).toBe('Lámpara 灯 💡');
  });
});

describe('the running service', () => {
  it('documents its interface', async () => {
    expect(await inventory.documentedCalls()).toEqual([
      'get /products',
      'get /products/{sku}',
      'get /reservations/{orderId}',
      'post /products/{sku}/receipts',
      'put /products/{sku}',
    ]);
  });

  it('is ready with its database, its consumer and its relay', async () => {
    const { status, body } = await inventory.call('GET', '/readyz');
    expect([status, body]).toMatchObject([
      200,
      { status: 'ready', checks: { consumer: { details: { partitions: expect.any(Number) } }, relay: {} } },
    ]);
  });
});
