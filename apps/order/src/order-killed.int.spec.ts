import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { until } from '@millrace/testing/service';
import { address, openOrder, type OrderFixture } from './order.fixture.ts';

let order: OrderFixture;
let lamp: string;
beforeAll(async () => {
  order = await openOrder();
  lamp = await order.product(12_50);
});
afterAll(() => order.close());

interface Placing {
  readonly customerId: string;
  readonly key: string;
  readonly body: string;
}

function placing(): Placing {
  const customerId = `customer-${randomUUID().slice(0, 8)}`;
  return {
    customerId,
    key: randomUUID(),
    body: JSON.stringify({ customerId, lines: [{ sku: lamp, quantity: 1 }], shippingAddress: address }),
  };
}

/** Sends the request and never reads, so the answer is lost. */
async function sendOnly(url: string, { key, body }: Placing): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).on('error', () => undefined);
  await once(socket, 'connect');
  const headers = [
    'host: order',
    'content-type: application/json',
    `idempotency-key: ${key}`,
    `content-length: ${body.length}`,
  ];
  socket.write(`POST /orders HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`);
  return socket;
}

const kept = async (): Promise<number> =>
  Number(
    (await order.database.sql.query('SELECT count(*)::int AS count FROM idempotency_key')).rows[0]?.count,
  );

const retry = ({ key, body }: Placing) => order.call('POST', '/orders', body, { 'idempotency-key': key });

const ordersOf = async ({ customerId }: Placing) =>
  (await order.call('GET', `/orders?customerId=${customerId}`)).body.items ?? [];

describe('an order under a key, whose service is killed', () => {
  it('I02 exists if the kill comes right after the commit, and the retry gets its answer', async () => {
    const child = order.spawn();
    const { url } = await child.ready;
    const wanted = placing();
    const before = await kept();
    const socket = await sendOnly(url, wanted);
    await until(kept, (count) => count > before);
    child.kill('SIGKILL');
    await child.ended;
    socket.destroy();

    const answer = await retry(wanted);
    expect(answer.status).toEqual(202);
    expect(answer.headers.get('idempotent-replayed')).toEqual('true');
    expect((await ordersOf(wanted)).map(({ orderId }) => orderId)).toEqual([answer.body.orderId]);
    expect(answer.headers.get('location')).toBe(`/orders/${String(answer.body.orderId)}`);
  });

  /**
   * Kills the service while this statement of the request waits for the locked table, and then sends
   * the request again. Others may wait too: a service deletes expired answers when it starts.
   */
  async function killedWhileLocked(wanted: Placing, table: string, statement: string) {
    const child = order.spawn();
    const { url } = await child.ready;
    const release = await order.hold(`LOCK TABLE ${table} IN SHARE MODE`);
    const socket = await sendOnly(url, wanted);
    await until(
      () => order.waitingForLocks(statement),
      (count) => count > 0,
    );
    child.kill('SIGKILL');
    await child.ended;
    socket.destroy();
    await release();
    return until(
      () => retry(wanted),
      ({ status }) => status !== 409, // until PostgreSQL notices that its client is gone
    );
  }

  it('I02 does not exist if the kill comes before the answer is sent to the database, and the retry places it', async () => {
    const wanted = placing();
    const answer = await killedWhileLocked(wanted, 'event', 'record_events');

    expect(answer.status).toEqual(202);
    expect(answer.headers.get('idempotent-replayed')).toEqual(null);
    expect((await ordersOf(wanted)).map(({ orderId }) => orderId)).toEqual([answer.body.orderId]);
  });

  it('I02 exists if the kill comes once the answer and the COMMIT are sent, and the retry gets the answer', async () => {
    const wanted = placing();
    const answer = await killedWhileLocked(wanted, 'idempotency_key', 'INSERT INTO idempotency_key');

    expect(answer.status).toEqual(202);
    expect(answer.headers.get('idempotent-replayed')).toEqual('true');
    expect((await ordersOf(wanted)).map(({ orderId }) => orderId)).toEqual([answer.body.orderId]);
  });

  it('I02 exists once after the retries, whenever the kill comes', async () => {
    const wanted: Placing[] = [];
    for (let round = 0; round < 2; round++) {
      const child = order.spawn();
      const { url } = await child.ready;
      const before = await kept();
      const batch = Array.from({ length: 30 }, placing);
      const sockets = await Promise.all(batch.map((each) => sendOnly(url, each)));
      await until(kept, (count) => count >= before + 5 * (round + 1));
      child.kill('SIGKILL');
      await child.ended;
      for (const socket of sockets) socket.destroy();
      wanted.push(...batch);
    }
    for (const each of wanted) {
      const { body } = await until(
        () => retry(each),
        ({ status }) => status === 202,
      );
      expect((await ordersOf(each)).map(({ orderId }) => orderId)).toEqual([body.orderId]);
    }
  });
});

describe('an order under a key', () => {
  it('I01 is placed once if it is sent twenty times at once', async () => {
    const wanted = placing();
    const answers = await Promise.all(Array.from({ length: 20 }, () => retry(wanted)));
    const placed = answers.filter(({ status }) => status === 202);
    expect(placed.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
    expect(new Set(placed.map(({ body }) => body.orderId)).size).toBe(1);
    for (const { body } of answers.filter(({ status }) => status !== 202))
      expect(body.code).toBe('request_in_flight');
    expect(await ordersOf(wanted)).toHaveLength(1);
  });
});
