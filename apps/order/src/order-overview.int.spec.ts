import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  inventoryEvents,
  notificationEvents,
  orderEvents,
  paymentEvents,
  shippingEvents,
} from '@millrace/contracts';
import { readDatabaseMigrations } from '@millrace/service-chassis/service';
import { migrate } from '@millrace/streaming-core/postgres';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { until, type Json } from '@millrace/testing/service';
import { openOrder, type OrderFixture } from './order.fixture.ts';

const lines = [{ sku: 'lamp', quantity: 1, unitPrice: 12_50 }];
const created = (orderId: string, customerId: string, placedAt = new Date().toISOString()) =>
  orderEvents.OrderCreated({
    orderId,
    customerId,
    lines,
    total: { amount: 12_50, currency: 'EUR' },
    placedAt,
  });

const isThere = (answer: { readonly status: number }) => answer.status === 200;

describe('the order overview in a read database of its own', () => {
  let service: OrderFixture;
  let read: TestDatabase;

  beforeAll(async () => {
    read = await createTestDatabase();
    await migrate(
      read.sql,
      readDatabaseMigrations({ service: 'order', folder: join(import.meta.dirname, 'migrations/read') }),
    );
    service = await openOrder({
      ROLES: 'api,projector',
      ORDER_READ_DATABASE_URL: read.url,
      HTTP_WAIT_MS_MAX: '20000',
    });
  });
  afterAll(async () => {
    await service.close();
    await read.drop();
  });

  const get = (path: string) => service.call('GET', `/order-overviews${path}`);
  const overview = (orderId: string, accept: (answer: Json) => boolean = () => true) =>
    until(
      () => get(`/${orderId}`),
      (answer) => isThere(answer) && accept(answer.body),
    );

  it('H12 joins the events of five topics in whichever order they arrive, and shows an order once OrderCreated has arrived', async () => {
    const orderId = randomUUID();
    await service.send(shippingEvents, shippingEvents.ShipmentScheduled({ orderId }), { streamVersion: 1 });
    await service.send(
      paymentEvents,
      paymentEvents.PaymentProcessed({ orderId, amount: { amount: 12_50, currency: 'EUR' } }),
    );
    await until(
      async () =>
        (await read.sql.query('SELECT payment FROM order_overview WHERE order_id = $1', [orderId])).rows,
      ([row]) => row?.payment === 'processed',
    );
    expect(await get(`/${orderId}`)).toMatchObject({ status: 404, body: { code: 'unknown_order' } });

    const placed = created(orderId, 'grace');
    await service.send(orderEvents, placed, { streamVersion: 1 });
    await service.send(
      inventoryEvents,
      inventoryEvents.InventoryReserved({ orderId, lines: [{ sku: 'lamp', quantity: 1 }] }),
    );
    await service.send(
      orderEvents,
      orderEvents.OrderCompleted({ orderId, completedAt: new Date().toISOString() }),
      { streamVersion: 2 },
    );
    await service.send(
      notificationEvents,
      notificationEvents.NotificationSent({ orderId, kind: 'order-completed' }),
    );

    const { body } = await overview(
      orderId,
      (seen) => [seen.status, seen.reservation, seen.mail].join() === 'completed,reserved,order-completed',
    );
    expect(body).toEqual({
      orderId,
      customerId: 'grace',
      status: 'completed',
      total: { amount: 12_50, currency: 'EUR' },
      version: 2,
      reservation: 'reserved',
      payment: 'processed',
      shipment: 'scheduled',
      mail: 'order-completed',
      placedAt: placed.placedAt,
      updatedAt: expect.any(String),
    });
  });

  it('H11 answers a query once the awaited version has arrived, and with 409 if it does not arrive in time', async () => {
    const orderId = randomUUID();
    expect(await get(`/${orderId}?wait=1&waitMs=30`)).toMatchObject({
      status: 409,
      body: { code: 'version_not_reached', version: 0 },
    });

    const waiting = get(`/${orderId}?wait=2`);
    const listing = get(`?customerId=hopper-${orderId}&order=${orderId}&wait=2`);
    await service.send(orderEvents, created(orderId, `hopper-${orderId}`), { streamVersion: 1 });
    await overview(orderId);
    await service.send(
      orderEvents,
      orderEvents.OrderCancellationRequested({ orderId, requestedAt: new Date().toISOString() }),
      {
        streamVersion: 2,
      },
    );
    expect(await waiting).toMatchObject({ status: 200, body: { status: 'cancelling', version: 2 } });
    expect((await listing).body.items).toMatchObject([{ orderId, status: 'cancelling' }]);
    expect(await get(`/${orderId}?wait=3&waitMs=30`)).toMatchObject({
      status: 409,
      body: { code: 'version_not_reached', version: 2 },
    });
    expect(await get('?wait=3')).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ field: 'wait' }] },
    });
  });

  it('accepts an event from before messages carried versions', async () => {
    const orderId = randomUUID();
    await service.send(orderEvents, created(orderId, 'old'));
    expect((await overview(orderId)).body).toMatchObject({ status: 'pending', version: 0 });
  });

  it('lists orders newest first, by page, by customer and by status', async () => {
    const customerId = `pages-${randomUUID().slice(0, 8)}`;
    const ids = [1, 2, 3].map(() => randomUUID());
    for (const [index, orderId] of ids.entries())
      await service.send(orderEvents, created(orderId, customerId, `2026-01-0${index + 1}T00:00:00.000Z`), {
        streamVersion: 1,
      });
    await service.send(
      orderEvents,
      orderEvents.OrderCompleted({ orderId: ids[0]!, completedAt: new Date().toISOString() }),
      {
        streamVersion: 2,
      },
    );
    for (const orderId of ids) await overview(orderId);
    await get(`/${ids[0]}?wait=2`);

    const first = await get(`?customerId=${customerId}&limit=2`);
    expect(first.body.items?.map(({ orderId }) => orderId)).toEqual([ids[2], ids[1]]);
    const rest = await get(`?customerId=${customerId}&limit=2&cursor=${String(first.body.nextCursor)}`);
    expect(rest.body).toMatchObject({ items: [{ orderId: ids[0] }], nextCursor: null });
    const completed = await get(`?customerId=${customerId}&status=completed`);
    expect(completed.body.items?.map(({ orderId }) => orderId)).toEqual([ids[0]]);
    expect((await get('?status=pending&limit=1')).body.items).toMatchObject([{ status: 'pending' }]);
  });

  it('H12 is rebuilt from the first record while its projector runs, with the same result', async () => {
    const before = await all();
    expect(before.length).toBeGreaterThan(4);
    await read.sql.query('SELECT rebuild_order_overview()');
    await until(
      all,
      (rows) => rows.length === before.length && JSON.stringify(rows) === JSON.stringify(before),
    );
  });

  it('H12 sends an unreadable message to the dead letters under its own group, and handles the next one', async () => {
    const orderId = randomUUID();
    await service.send(
      orderEvents,
      { type: 'OrderCreated', orderId, customerId: 'broken' },
      { streamVersion: 1 },
    );
    const letters = await until(
      () => service.published('order-events.dlq', orderId),
      (found) => found.length === 1,
    );
    expect(letters[0]?.headers.get('dlq_group')).toBe('order-projector');
    await service.send(orderEvents, created(orderId, 'mended'), { streamVersion: 1 });
    await overview(orderId);
  });

  const all = async () => (await read.sql.query('SELECT * FROM order_overview ORDER BY order_id')).rows;
});

describe('the order overview in the database of the service', () => {
  let service: OrderFixture;

  beforeAll(async () => {
    service = await openOrder({ HTTP_WAIT_MS_MAX: '20000' });
  });
  afterAll(() => service.close());

  it('follows the events of the service itself, which carry the version of their stream', async () => {
    const orderId = await service.placed();
    const { body } = await service.call('GET', `/order-overviews/${orderId}?wait=1`);
    expect(body).toMatchObject({ orderId, status: 'pending', version: 1 });
    expect((await service.story(orderId, 1))[0]?.headers.get('ce_streamversion')).toBe('1');
    await service.call('POST', `/orders/${orderId}/cancel`);
    expect((await service.call('GET', `/order-overviews/${orderId}?wait=2`)).body).toMatchObject({
      version: 2,
    });
  });
});

describe('a service whose read database is unreachable', () => {
  let service: OrderFixture;

  beforeAll(async () => {
    service = await openOrder({ ORDER_READ_DATABASE_URL: 'postgres://nobody:secret@127.0.0.1:1/nowhere' });
  });
  afterAll(() => service.close());

  it('H13 starts, takes orders, stays ready, and reports that its projector waits', async () => {
    const orderId = await service.placed();
    expect((await service.call('GET', `/orders/${orderId}?wait=1`)).status).toBe(200);
    expect(await service.call('GET', `/order-overviews/${orderId}`)).toMatchObject({
      status: 503,
      body: { code: 'temporarily_unavailable' },
    });
    const ready = await fetch(`${service.service().url}/readyz`);
    expect([ready.status, await ready.json()]).toMatchObject([
      200,
      {
        status: 'degraded',
        checks: {
          projector: {
            healthy: true,
            degraded: true,
            details: { state: 'waiting for the read database', partitions: 0 },
          },
        },
      },
    ]);
    expect(service.logs.join('\n')).not.toContain('secret@');
  });
});
