import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/service';
import { openOrder, type OrderFixture } from './order.fixture.ts';

let order: OrderFixture;
beforeAll(async () => {
  order = await openOrder();
});
afterAll(() => order.close());

async function call(path: string, body?: object, key: string = randomUUID()) {
  const change = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'millrace-actor': 'grace',
      'idempotency-key': key,
    },
    body: JSON.stringify({ reason: 'INC-7', ...body }),
  };
  const answer = await fetch(`${order.service().opsUrl}${path}`, body === undefined ? {} : change);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

describe('an operator of the read models', () => {
  it('Z07 rebuilds one while it stays in use, and is refused what is not possible', async () => {
    const orderId = await order.placed();
    const act = (action: string, projection = 'order_summary') =>
      call(`/ops/projections/${projection}/actions`, { action });
    expect(await act('rebuild')).toMatchObject({
      status: 200,
      body: { items: [{ projection: 'order_summary' }] },
    });
    await until(
      () => call('/ops/projections/rebuilds'),
      ({ body: { items } }) => Array.isArray(items) && items.length === 0,
    );
    expect(await order.view(orderId)).toMatchObject({ orderId });

    expect(await act('pause')).toMatchObject({ status: 409, body: { code: 'rebuild_unknown' } });
    expect(await act('rebuild', 'nothing')).toMatchObject({
      status: 409,
      body: { code: 'rebuild_not_possible' },
    });
    const { rows } = await order.database.sql.query(
      'SELECT actor, reason, action, subject FROM operator_action',
    );
    expect(rows).toEqual([
      { actor: 'grace', reason: 'INC-7', action: 'rebuild projection', subject: 'order_summary' },
    ]);
  });

  it('begins none that is not recorded, and may then repeat the request', async () => {
    const key = randomUUID();
    const rebuild = () => call('/ops/projections/order_summary/actions', { action: 'rebuild' }, key);
    await order.database.sql.query('ALTER TABLE operator_action RENAME TO hidden');
    expect((await rebuild()).status).toBe(500);
    await order.database.sql.query('ALTER TABLE hidden RENAME TO operator_action');

    const { rows } = await order.database.sql.query(
      `SELECT FROM checkpoint WHERE projection LIKE 'rebuild%'`,
    );
    expect(rows).toEqual([]);
    expect((await rebuild()).status).toBe(200);
  });
});
