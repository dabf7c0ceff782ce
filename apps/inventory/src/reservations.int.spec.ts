import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { inventoryCommands, type OrderLine } from '@millrace/contracts';
import { until, type TestService } from '@millrace/testing/service';
import { openInventory } from './inventory.fixture.ts';

let inventory: TestService;
beforeAll(async () => {
  inventory = await openInventory();
});
afterAll(() => inventory.close());

async function stocked(quantity: number): Promise<string> {
  const sku = `lamp-${randomUUID().slice(0, 8)}`;
  await inventory.call('PUT', `/products/${sku}`, { name: 'Lamp', price: { amount: 1, currency: 'EUR' } });
  if (quantity > 0) await inventory.call('POST', `/products/${sku}/receipts`, { quantity });
  return sku;
}

const line = (sku: string, quantity: number): OrderLine => ({ sku, quantity });
const reserve = (orderId: string, ...lines: OrderLine[]) =>
  inventory.send(inventoryCommands, inventoryCommands.ReserveInventory({ orderId, lines }));
const release = (orderId: string, ...lines: OrderLine[]) =>
  inventory.send(inventoryCommands, inventoryCommands.ReleaseInventory({ orderId, lines }));
const commit = (orderId: string, ...lines: OrderLine[]) =>
  inventory.send(inventoryCommands, inventoryCommands.CommitReservation({ orderId, lines }));
const answers = (orderId: string) => inventory.published('inventory-events', orderId);
const answered = (orderId: string, count: number) =>
  until(
    () => answers(orderId),
    (messages) => messages.length >= count,
  );
const typesOf = (messages: Awaited<ReturnType<typeof answers>>) =>
  messages.map(({ message }) => message.type);
const reservation = async (orderId: string) => (await inventory.call('GET', `/reservations/${orderId}`)).body;

async function countsOf(sku: string): Promise<readonly unknown[]> {
  const { onHand, reserved, shipped } = (await inventory.call('GET', `/products/${sku}`)).body;
  return [onHand, reserved, shipped];
}

/** Counts the units on hand, reserved and shipped from the events alone, with separate SQL. */
async function countsFromEvents(sku: string): Promise<readonly number[]> {
  const { rows } = await inventory.database.sql.query<{ type: string; quantity: number }>(
    `SELECT type, coalesce((data->>'quantity')::int, 0) AS quantity FROM event WHERE stream = $1`,
    [`stock-${sku}`],
  );
  const sum = (type: string) =>
    rows.filter((row) => row.type === type).reduce((total, { quantity }) => total + quantity, 0);
  const [received, reserved, released, shipped] = [
    'StockReceived',
    'StockReserved',
    'StockReleased',
    'StockShipped',
  ].map(sum) as [number, number, number, number];
  return [received - reserved + released, reserved - released - shipped, shipped];
}

describe('a reservation', () => {
  it('takes every line, names its command as the cause of the answer, and ships when it is committed', async () => {
    const orderId = randomUUID();
    const lamp = await stocked(5);
    const chair = await stocked(3);
    const lines = [line(lamp, 2), line(chair, 3)];
    const reserveId = await reserve(orderId, ...lines);
    const [reserved] = await answered(orderId, 1);
    expect(reserved?.message).toEqual({ type: 'InventoryReserved', orderId, lines });
    expect(reserved?.headers.get('ce_causationid')).toEqual(reserveId);
    expect(reserved?.headers.get('ce_correlationid')).toEqual(`story-${orderId}`);
    expect(await reservation(orderId)).toEqual({ orderId, status: 'reserved', lines });
    expect(await countsOf(lamp)).toEqual([3, 2, 0]);
    expect(await countsOf(chair)).toEqual([0, 3, 0]);

    const commitId = await commit(orderId, ...lines);
    const [, committed] = await answered(orderId, 2);
    expect(committed?.message).toEqual({ type: 'ReservationCommitted', orderId, lines });
    expect(committed?.headers.get('ce_causationid')).toEqual(commitId);
    expect((await reservation(orderId)).status).toBe('committed');
    expect(await countsOf(lamp)).toEqual([3, 0, 2]);
    expect(await countsOf(chair)).toEqual([0, 0, 3]);
    expect(await countsFromEvents(lamp)).toEqual([3, 0, 2]);
    expect(await countsFromEvents(chair)).toEqual([0, 0, 3]);
  });

  it('takes nothing at all when one line is short or unknown', async () => {
    const orderId = randomUUID();
    const lamp = await stocked(5);
    const chair = await stocked(1);
    await reserve(orderId, line(lamp, 2), line(chair, 2), line('no-such-thing', 1));
    const [failed] = await answered(orderId, 1);
    const missing = [chair, 'no-such-thing'];
    expect(failed?.message).toEqual({
      type: 'InventoryReserveFailed',
      orderId,
      reason: 'out_of_stock',
      missing,
    });
    expect(await reservation(orderId)).toEqual({ orderId, status: 'failed', lines: [] });
    expect(await countsFromEvents(lamp)).toEqual([5, 0, 0]);
    expect(await countsFromEvents(chair)).toEqual([1, 0, 0]);
  });

  it('records a hundred lines in one append', async () => {
    const skus = await Promise.all(Array.from({ length: 100 }, () => stocked(1)));
    const orderId = randomUUID();
    await reserve(orderId, ...skus.map((sku) => line(sku, 1)));
    expect(typesOf(await answered(orderId, 1))).toEqual(['InventoryReserved']);
    const { rows } = await inventory.database.sql.query(
      `SELECT count(*)::int AS events, count(DISTINCT xmin::text)::int AS transactions FROM event
       WHERE type IN ('StockReserved', 'InventoryReserved') AND data->>'orderId' = $1`,
      [orderId],
    );
    expect(rows).toEqual([{ events: 101, transactions: 1 }]);
  });

  it('is released once, repeats its first answer when a command arrives again, and does not answer the same request under another id', async () => {
    const orderId = randomUUID();
    const lamp = await stocked(5);
    const lines = [line(lamp, 2)];
    const id = await reserve(orderId, ...lines);
    await answered(orderId, 1);
    await inventory.send(inventoryCommands, inventoryCommands.ReserveInventory({ orderId, lines }), { id });
    await reserve(orderId, ...lines);
    const releaseId = await release(orderId, ...lines);
    await release(orderId, ...lines);
    await reserve(orderId, ...lines);
    await inventory.handled(inventoryCommands, orderId);
    const told = await answered(orderId, 3);
    expect(told.map(({ message }) => message)).toEqual([
      { type: 'InventoryReserved', orderId, lines },
      { type: 'InventoryReserved', orderId, lines },
      { type: 'InventoryReleased', orderId, lines },
    ]);
    expect(told[1]).toEqual(told[0]);
    expect(told[2]?.headers.get('ce_causationid')).toBe(releaseId);
    expect(await countsOf(lamp)).toEqual([5, 0, 0]);
    expect(await countsFromEvents(lamp)).toEqual([5, 0, 0]);
  });

  it('is refused permanently if its release arrives first', async () => {
    const orderId = randomUUID();
    const lamp = await stocked(5);
    await release(orderId, line(lamp, 2));
    await reserve(orderId, line(lamp, 2));
    await inventory.handled(inventoryCommands, orderId);
    expect((await answered(orderId, 1)).map(({ message }) => message)).toEqual([
      { type: 'InventoryReleased', orderId, lines: [] },
    ]);
    expect(await reservation(orderId)).toEqual({ orderId, status: 'released', lines: [] });
    expect(await countsFromEvents(lamp)).toEqual([5, 0, 0]);
  });

  it('releases nothing if it failed', async () => {
    const orderId = randomUUID();
    const lamp = await stocked(0);
    await reserve(orderId, line(lamp, 1));
    await release(orderId, line(lamp, 1));
    expect((await answered(orderId, 2))[1]?.message).toEqual({
      type: 'InventoryReleased',
      orderId,
      lines: [],
    });
  });

  it('gives the last unit to one of the orders that race for it', async () => {
    const lamp = await stocked(1);
    const orders = Array.from({ length: 8 }, () => randomUUID());
    await Promise.all(orders.map((orderId) => reserve(orderId, line(lamp, 1))));
    const outcomes = await Promise.all(orders.map(async (orderId) => typesOf(await answered(orderId, 1))));
    expect(outcomes.filter(([type]) => type === 'InventoryReserved')).toHaveLength(1);
    expect(outcomes.filter(([type]) => type === 'InventoryReserveFailed')).toHaveLength(7);
    expect(await countsOf(lamp)).toEqual([0, 1, 0]);
    expect(await countsFromEvents(lamp)).toEqual([0, 1, 0]);
  });

  it('keeps the stock exact to the unit under concurrent orders and receipts', async () => {
    const lamp = await stocked(20);
    const chair = await stocked(20);
    const orders = Array.from({ length: 24 }, (_, index) => ({
      orderId: randomUUID(),
      lines:
        index % 2 === 0
          ? [line(lamp, 1 + (index % 3)), line(chair, 1)]
          : [line(chair, 1 + (index % 3)), line(lamp, 1)],
      end: index % 3 === 0 ? release : commit,
    }));
    const reserving = Promise.all(orders.map(({ orderId, lines }) => reserve(orderId, ...lines)));
    await Promise.all(
      Array.from({ length: 5 }, () => inventory.call('POST', `/products/${lamp}/receipts`, { quantity: 1 })),
    );
    await reserving;
    for (const { orderId, lines, end } of orders) {
      const [type] = typesOf(await answered(orderId, 1));
      if (type === 'InventoryReserved') await end(orderId, ...lines);
    }
    await Promise.all(
      orders.map(async ({ orderId }) =>
        answered(orderId, typesOf(await answers(orderId))[0] === 'InventoryReserved' ? 2 : 1),
      ),
    );
    for (const [sku, received] of [
      [lamp, 25],
      [chair, 20],
    ] as const) {
      const counts = await countsFromEvents(sku);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(received);
      expect(counts[1]).toBe(0);
      expect(await countsOf(sku)).toEqual(counts);
    }
  });

  it.each([
    [
      'a release after the goods have left',
      ['reserve', 'commit', 'release'],
      ['InventoryReserved', 'ReservationCommitted'],
    ],
    [
      'a commit after the release',
      ['reserve', 'release', 'commit'],
      ['InventoryReserved', 'InventoryReleased'],
    ],
    ['a release that names other goods than those held', ['reserve', 'releaseOthers'], ['InventoryReserved']],
  ])('sends %s to the dead letters, and changes nothing', async (_what, steps, told) => {
    const orderId = randomUUID();
    const lamp = await stocked(2);
    const chair = await stocked(2);
    const doing: Readonly<Record<string, () => Promise<string>>> = {
      reserve: () => reserve(orderId, line(lamp, 1)),
      release: () => release(orderId, line(lamp, 1)),
      commit: () => commit(orderId, line(lamp, 1)),
      releaseOthers: () => release(orderId, line(chair, 1)),
    };
    for (const step of steps) await doing[step]?.();
    await until(
      () => inventory.published('inventory-commands.dlq', orderId),
      (letters) => letters.length === 1,
    );
    expect(typesOf(await answered(orderId, told.length))).toEqual(told);
    expect(await countsOf(lamp)).toEqual(await countsFromEvents(lamp));
    expect((await countsFromEvents(lamp)).reduce((sum, count) => sum + count, 0)).toBe(2);
  });

  it('logs with the order id and the correlation id', async () => {
    const orderId = randomUUID();
    await release(orderId, line('lamp', 1));
    await answered(orderId, 1);
    await inventory.logged(orderId, { correlationId: `story-${orderId}`, type: 'ReleaseInventory' });
  });
});
