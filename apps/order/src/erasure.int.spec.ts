import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import {
  askToErase,
  eraseSubject,
  foldedStates,
  passClosing,
  repeated,
  tablesWith,
} from '@millrace/testing/service';
import { until } from '@millrace/testing/within';
import { address, openOrder, type OrderFixture } from './order.fixture.ts';
import { participants } from './participants.fixture.ts';
import { orderStream } from './stream-ids.ts';

let order: OrderFixture;
beforeAll(async () => {
  order = await openOrder();
});
afterAll(() => order.close());
const { says, completes } = participants(() => order);

const newCustomer = () => `customer-${randomUUID().slice(0, 8)}`;

/** A completed order, or one that was cancelled for want of stock. */
async function ended(fields: object, status: 'completed' | 'cancelled'): Promise<string> {
  const orderId = await order.placed(fields);
  if (status === 'cancelled') await says.outOfStock(orderId);
  else {
    await completes(orderId);
    await says.committed(orderId);
  }
  await order.endsAs(orderId, status);
  return orderId;
}

/** Does the work while nobody can lock the table of the keys in another way. */
const whileLocked = (mode: 'ACCESS SHARE' | 'ACCESS EXCLUSIVE', work: () => Promise<void>) =>
  order.keys!.sql.transaction(async (transaction) => {
    await transaction.query(`LOCK TABLE subject_key IN ${mode} MODE`);
    await work();
  });

const inThisDatabase = 'database = (SELECT oid FROM pg_database WHERE datname = current_database())';

/** Resolves once a statement waits for the table of the keys. */
const waitsForKeys = () =>
  until(
    () =>
      order.keys!.sql.query(
        `SELECT FROM pg_locks WHERE relation = 'subject_key'::regclass AND NOT granted AND ${inThisDatabase}`,
      ),
    ({ rowCount }) => rowCount > 0,
  );

const personalPart = (orderId: string) =>
  order.database.sql
    .query('SELECT personal FROM event WHERE stream = $1 AND version = 1', [orderStream(orderId)])
    .then(({ rows }) => rows[0]?.['personal']);

describe('the erasure of a customer by the order service', () => {
  it('refuses further orders of the customer at once, and waits until every process knows of it', async () => {
    const customerId = newCustomer();
    const lines = [{ sku: await order.product(10), quantity: 1 }];
    const body = { customerId, lines, shippingAddress: address };
    const accepted = await repeated(order, { path: '/orders', body });

    const asked = await askToErase(order, customerId);
    const refused = await order.order(body);

    expect(accepted.again.replayed).toBe(true);
    expect(asked).toMatchObject({ state: 'waiting', reason: 'closing', until: expect.any(String) });
    expect(refused).toMatchObject({ status: 409, body: { code: 'customer_erased' } });
    expect((await order.order({ ...body, customerId: newCustomer() })).status).toBe(202);
  });

  it('waits for the open orders of the customer, which still go on, and names them', async () => {
    const customerId = newCustomer();
    const orderId = await order.placed({ customerId });
    await askToErase(order, customerId);
    await passClosing(order, customerId);

    const waiting = { state: 'waiting', reason: 'open_work', open: { orders: [orderId] } };
    expect(await askToErase(order, customerId)).toEqual(waiting);
    await says.outOfStock(orderId);
    await order.endsAs(orderId, 'cancelled');
    expect(await askToErase(order, customerId)).toMatchObject({ state: 'erased' });
  });

  it('leaves nothing readable of any order, while every stream still folds and other customers keep theirs', async () => {
    const text = fc.stringMatching(/^[a-z]{12,20}$/);
    const oneOrder = fc.record({
      name: text,
      street: text,
      mail: text,
      token: text,
      status: fc.constantFrom('completed' as const, 'cancelled' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(oneOrder, { minLength: 1, maxLength: 3 }), oneOrder, async (own, others) => {
        const customerId = newCustomer();
        const place = ({ name, street, mail, token, status }: typeof others, customer: string) => {
          const shippingAddress = { ...address, name, street };
          const paymentMethod = { card: `tok_${token}` };
          return ended(
            { customerId: customer, shippingAddress, email: `${mail}@example.org`, paymentMethod },
            status,
          );
        };
        const orders = await Promise.all(own.map((each) => place(each, customerId)));
        const kept = await place(others, newCustomer());

        expect(await eraseSubject(order, customerId)).toMatchObject({ state: 'erased' });

        const texts = own.flatMap(({ name, street, mail, token }) => [name, street, mail, token]);
        expect(await tablesWith(order.database.sql, texts)).toEqual([]);
        const states = await foldedStates(order);
        for (const orderId of orders)
          expect(states.get(orderStream(orderId))).toMatchObject({ customerId, personal: { erased: true } });
        expect(states.get(orderStream(kept))).toMatchObject({
          personal: { shippingAddress: { city: '[personal]' } },
        });
        for (const orderId of orders)
          expect((await order.call('GET', `/orders/${orderId}`)).status).toBe(200);
      }),
      { numRuns: 3 },
    );
  }, 120_000);

  it('erases what releases without keys have stored in plain text, and can be repeated', async () => {
    const customerId = newCustomer();
    const orderId = await ended({ customerId }, 'completed');
    const plain = { shippingAddress: { ...address, name: 'Plainly Ada' }, paymentMethod: 'account' };
    await order.database.sql.query('UPDATE event SET personal = $2 WHERE stream = $1 AND version = 1', [
      orderStream(orderId),
      JSON.stringify(plain),
    ]);

    expect(await tablesWith(order.database.sql, ['Plainly Ada'])).toEqual(['event']);
    expect(await eraseSubject(order, customerId)).toMatchObject({ cleared: { events: 1, snapshots: 0 } });
    expect(await personalPart(orderId)).toEqual({ erased: true });
    expect(await tablesWith(order.database.sql, ['Plainly Ada'])).toEqual([]);
    expect(await askToErase(order, customerId)).toMatchObject({ state: 'erased', cleared: { events: 0 } });
  });

  it('clears the streams of a customer with many orders in several transactions', async () => {
    const customerId = newCustomer();
    const first = await ended({ customerId }, 'cancelled');
    const { sql } = order.database;
    await sql.query(
      `INSERT INTO order_summary
       SELECT (jsonb_populate_record(summary, jsonb_build_object('order_id', gen_random_uuid()))).*
       FROM order_summary AS summary, generate_series(1, 250) WHERE order_id = $1`,
      [first],
    );
    await sql.query(
      `INSERT INTO event (position, id, stream, version, type, data, personal, metadata, recorded_at)
       SELECT nextval('event_position'), gen_random_uuid(), 'order-' || order_id, 1, event.type, event.data,
         '{"name": "Plainly Ada"}', event.metadata, event.recorded_at
       FROM order_summary, event
       WHERE customer_id = $1 AND order_id <> $2 AND event.stream = 'order-' || $2 AND event.version = 1`,
      [customerId, first],
    );

    expect(await eraseSubject(order, customerId)).toMatchObject({
      state: 'erased',
      cleared: { events: 250 },
    });
    const { rows } = await sql.query(
      `SELECT count(DISTINCT xmin::text)::int AS transactions FROM event WHERE personal = '{"erased": true}'
       AND stream IN (SELECT 'order-' || order_id FROM order_summary WHERE customer_id = $1)`,
      [customerId],
    );
    expect(rows[0]?.transactions).toBeGreaterThan(1);
  });

  it('commits what it has cleared before it rewrites the files of the keys, which can take long', async () => {
    const customerId = newCustomer();
    await askToErase(order, customerId);
    await passClosing(order, customerId);
    let answer: ReturnType<typeof askToErase> | undefined;
    await whileLocked('ACCESS SHARE', async () => {
      answer = askToErase(order, customerId);
      await waitsForKeys();

      const { rows } = await order.database.sql.query(
        'SELECT action FROM operator_action WHERE subject = $1 ORDER BY id',
        [customerId],
      );
      expect(rows).toEqual([{ action: 'close subject' }, { action: 'erase subject' }]);
    });
    expect(await answer).toMatchObject({ state: 'erased' });
  });

  it('is recorded with its actor and reason, and can be looked at', async () => {
    const customerId = newCustomer();
    const status = async () =>
      (await fetch(`${order.service().opsUrl}/ops/erasures/${customerId}`)).json() as Promise<object>;
    const before = await status();
    await askToErase(order, customerId);
    const closing = await status();
    await passClosing(order, customerId);
    const ready = await status();
    await askToErase(order, customerId);

    expect([before, closing, ready, await status()]).toMatchObject([
      { state: 'active', known: false },
      { state: 'waiting', reason: 'closing' },
      { state: 'ready' },
      { state: 'erased', at: expect.any(String) },
    ]);
    const { rows } = await order.database.sql.query(
      'SELECT action, actor, reason FROM operator_action WHERE subject = $1 ORDER BY id',
      [customerId],
    );
    const by = { actor: 'grace', reason: 'INC-7' };
    expect(rows).toEqual([
      { action: 'close subject', ...by },
      { action: 'erase subject', ...by },
    ]);
  });

  it('lets no order wait for slow keys with an open transaction', async () => {
    const body = {
      customerId: newCustomer(),
      lines: [{ sku: await order.product(10), quantity: 1 }],
      shippingAddress: address,
    };
    let answer: ReturnType<typeof order.call> | undefined;
    await whileLocked('ACCESS EXCLUSIVE', async () => {
      answer = order.call('POST', '/orders', body, { 'idempotency-key': randomUUID() });
      await waitsForKeys();

      const { rowCount } = await order.database.sql.query(
        `SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
         WHERE relation = 'idempotency_key'::regclass AND state = 'idle in transaction' AND ${inThisDatabase}`,
      );
      expect(rowCount).toBe(0);
    });
    expect((await answer)?.status).toBe(202);
  });

  it('leaves orders refused with 503 while the keys are unreachable, histories readable and the service ready', async () => {
    const customerId = newCustomer();
    const lines = [{ sku: await order.product(10), quantity: 1 }];
    const placed = await order.placed({ customerId: newCustomer() });
    await order.restart();
    const keys = order.keys!;
    await keys.sql.query('ALTER TABLE subject_key RENAME TO hidden');

    const refused = await order.order({ customerId, lines });
    const read = [`/orders/${placed}/history`, `/orders/${placed}?version=1`].map((path) =>
      order.call('GET', path),
    );
    const answers = (await Promise.all(read)).map(({ status }) => status);
    const ready = (await (await fetch(`${order.service().url}/readyz`)).json()) as { checks: object };
    await keys.sql.query('ALTER TABLE hidden RENAME TO subject_key');

    expect(answers).toEqual([200, 200]);
    expect(refused).toMatchObject({ status: 503, body: { code: 'temporarily_unavailable' } });
    expect(ready).toMatchObject({
      status: 'ready',
      checks: { keys: { healthy: true, details: { answers: false } } },
    });
    expect((await order.order({ customerId, lines })).status).toBe(202);
  });
});
