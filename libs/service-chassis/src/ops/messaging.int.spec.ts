import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until, within } from '@millrace/testing/within';
import { broken, handled, sendReserve } from '../modules/messaging/shelf.fixture.ts';
import { openOperatedShelf, type OperatedShelf } from './operated-shelf.fixture.ts';

const eventually = within(20_000);
const reason = 'INC-7';
let shelf: OperatedShelf;

beforeAll(async () => {
  shelf = await openOperatedShelf({ WATCH_EVERY_MS: '50' });
});
afterAll(() => shelf.close());

const ops = (path: string, body?: object) => shelf.ops(path, body);
const parkedKeys = async () => (await ops('/parked-keys')).body.items ?? [];
const parkedKey = async (orderId: string) => {
  const keys = await until(parkedKeys, (found) => found.some(({ key }) => key === orderId));
  return keys.find(({ key }) => key === orderId)!;
};
const parked = async () => {
  const orderId = await shelf.sendBroken();
  return { orderId, key: await parkedKey(orderId) };
};

describe('Z07 an operator of a service with messages', () => {
  it('sees the depth of the outbox, and who publishes it', async () => {
    await sendReserve(shelf.database, `order-${randomUUID()}`);
    const { body } = await until(
      () => ops('/outbox'),
      ({ body: { pending } }) => pending === 0,
    );
    expect(body).toMatchObject({ pending: 0, oldestAgeMs: 0, publisher: 'shelf-1', blocker: null });
    expect(Number(body['position'])).toBeGreaterThan(0);
  });

  it('sees the transaction that the messages of the outbox wait for', async () => {
    const { pool } = shelf.database;
    const open = await pool.connect();
    try {
      await open.query('BEGIN');
      await open.query(
        `INSERT INTO outbox (id, topic, key) VALUES (gen_random_uuid(), 'shelf-events', 'a') RETURNING position`,
      );
      await sendReserve(shelf.database, `order-${randomUUID()}`);
      const { rows } = await open.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      expect((await ops('/outbox')).body['blocker']).toMatchObject({
        pid: rows[0]?.pid,
        name: expect.any(String),
      });
    } finally {
      await open.query('ROLLBACK');
      open.release();
    }
  });

  it('sees the lag of the consumers', async () => {
    const orderId = `order-${randomUUID()}`;
    await sendReserve(shelf.database, orderId);
    await eventually(() => handled.includes(orderId));
    const { body } = await until(
      () => ops('/projections'),
      ({ body: { items = [] } }) => items.length === 2 && items.every(({ messages }) => messages === 0),
    );
    expect(body.items).toMatchObject([
      { group: 'shelf', topic: 'shelf-commands', seconds: 0 },
      { group: 'shelf', topic: 'shelf-commands', seconds: 0 },
    ]);
  });

  it('sees the parked keys page by page, each with the failing message and the number of waiting ones', async () => {
    const { orderId } = await parked();
    await sendReserve(shelf.database, orderId);
    await eventually(async () => (await parkedKey(orderId))['messages'] === 2);
    expect(await parkedKey(orderId)).toMatchObject({
      group: 'shelf',
      topic: 'shelf-commands',
      type: 'Reserve',
      lastError: `RangeError: the shelf for ${orderId} is broken`,
    });
    await parked();
    const first = await ops('/parked-keys?limit=1');
    const second = await ops(`/parked-keys?limit=1&after=${String(first.body['nextCursor'])}`);
    expect(first.body.items?.[0]?.['key']).toBe(orderId);
    expect(second.body.items).toHaveLength(1);
    expect(second.body.items?.[0]?.['key']).not.toBe(orderId);
    expect((await ops('/parked-keys?topic=other')).body.items).toEqual([]);
  });

  it('cannot give up a message that only waits for another', async () => {
    const { orderId } = await parked();
    await sendReserve(shelf.database, orderId);
    await eventually(async () => (await parkedKey(orderId))['messages'] === 2);
    const { rows } = await shelf.database.sql.query<{ position: string }>(
      'SELECT max(position) AS position FROM parked_message WHERE key = $1',
      [Buffer.from(orderId)],
    );
    const answer = await ops(`/parked-keys/${rows[0]?.position}/give-up`, { reason });
    expect(answer).toMatchObject({ status: 404, body: { code: 'unknown_parked_key' } });
  });

  it('retries a message at once, which lets the rest of its key continue', async () => {
    const { orderId, key } = await parked();
    const path = `/parked-keys/${String(key['position'])}/retry`;
    await shelf.database.sql.query(
      `UPDATE parked_message SET retry_at = now() + interval '1 hour' WHERE position = $1`,
      [key['position']],
    );
    broken.delete(orderId);
    expect(await ops(path, { reason })).toMatchObject({ status: 200, body: { position: key['position'] } });
    await eventually(() => handled.includes(orderId));
    await eventually(async () => !(await parkedKeys()).some(({ key: still }) => still === orderId));
    const { rows } = await shelf.database.sql.query(
      'SELECT actor, reason, action FROM operator_action WHERE subject = $1',
      [key['position']],
    );
    expect(rows).toEqual([{ actor: 'grace', reason, action: 'retry parked key' }]);
    expect(await ops(path, { reason })).toMatchObject({ status: 404, body: { code: 'unknown_parked_key' } });
  });

  it('gives up a message that blocks its key: it becomes a dead letter, and the rest continues', async () => {
    const { orderId, key } = await parked();
    const path = `/parked-keys/${String(key['position'])}/give-up`;
    expect(await ops(path, { reason })).toMatchObject({ status: 200, body: { position: key['position'] } });
    await eventually(async () => {
      const letters = (await ops(`/dead-letters?key=${orderId}`)).body.items ?? [];
      return letters.length === 1 && !(await parkedKeys()).some(({ key: still }) => still === orderId);
    });
    const { rows } = await shelf.database.sql.query(
      'SELECT actor, reason, action FROM operator_action WHERE subject = $1',
      [key['position']],
    );
    expect(rows).toEqual([{ actor: 'grace', reason, action: 'give up parked key' }]);
    expect(await ops(path, { reason })).toMatchObject({ status: 404, body: { code: 'unknown_parked_key' } });
  });
});
