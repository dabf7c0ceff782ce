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

const { ReserveInventory, CommitReservation, ReceiveReturn, SendBackReturn, RestockReturn } =
  inventoryCommands;

async function stocked(quantity: number): Promise<string> {
  const sku = `lamp-${randomUUID().slice(0, 8)}`;
  await inventory.call('PUT', `/products/${sku}`, { name: 'Lamp', price: { amount: 1, currency: 'EUR' } });
  await inventory.call('POST', `/products/${sku}/receipts`, { quantity });
  return sku;
}

const line = (sku: string, quantity: number): OrderLine => ({ sku, quantity });
const reserve = (orderId: string, ...lines: OrderLine[]) =>
  inventory.send(inventoryCommands, ReserveInventory({ orderId, lines }));
const commit = (orderId: string, ...lines: OrderLine[]) =>
  inventory.send(inventoryCommands, CommitReservation({ orderId, lines }));
const receive = (orderId: string, ...lines: OrderLine[]) =>
  inventory.send(inventoryCommands, ReceiveReturn({ orderId, lines }));
const sendBack = (orderId: string, ...lines: OrderLine[]) =>
  inventory.send(inventoryCommands, SendBackReturn({ orderId, lines }));
const restock = (orderId: string, ...lines: OrderLine[]) =>
  inventory.send(inventoryCommands, RestockReturn({ orderId, lines }));

const answered = (orderId: string, count: number) =>
  until(
    () => inventory.published('inventory-events', orderId),
    (messages) => messages.length >= count,
  );
const messagesOf = async (orderId: string, count: number) =>
  (await answered(orderId, count)).map(({ message }) => message);

/** An order that has shipped these lines. Two events tell of it. */
async function shipped(...lines: OrderLine[]): Promise<string> {
  const orderId = randomUUID();
  await reserve(orderId, ...lines);
  await commit(orderId, ...lines);
  await answered(orderId, 2);
  return orderId;
}

async function countsOf(sku: string): Promise<readonly unknown[]> {
  const { onHand, reserved, shipped, returned } = (await inventory.call('GET', `/products/${sku}`)).body;
  return [onHand, reserved, shipped, returned];
}

describe('a return', () => {
  it('D10 is counted apart from the stock for sale until it is restocked, and names its command as the cause of the answer', async () => {
    const lamp = await stocked(5);
    const chair = await stocked(3);
    const orderId = await shipped(line(lamp, 2), line(chair, 1));
    const lines = [line(lamp, 1), line(chair, 1)];

    const receiveId = await receive(orderId, ...lines);
    const received = (await answered(orderId, 3))[2];
    expect(received?.message).toEqual({ type: 'ReturnReceived', orderId, lines });
    expect(received?.headers.get('ce_causationid')).toBe(receiveId);
    expect(received?.headers.get('ce_correlationid')).toBe(`story-${orderId}`);
    expect(await countsOf(lamp)).toEqual([3, 0, 1, 1]);
    expect(await countsOf(chair)).toEqual([2, 0, 0, 1]);

    await restock(orderId, ...lines);
    expect((await messagesOf(orderId, 4))[3]).toEqual({ type: 'ReturnRestocked', orderId, lines });
    expect(await countsOf(lamp)).toEqual([4, 0, 1, 0]);
    expect(await countsOf(chair)).toEqual([3, 0, 0, 0]);
  });

  it('can be sent back, and is then not received again', async () => {
    const lamp = await stocked(5);
    const orderId = await shipped(line(lamp, 2));
    await receive(orderId, line(lamp, 2));
    await sendBack(orderId, line(lamp, 2));
    await receive(orderId, line(lamp, 2));
    await inventory.handled(inventoryCommands, orderId);
    expect((await messagesOf(orderId, 4)).slice(2)).toEqual([
      { type: 'ReturnReceived', orderId, lines: [line(lamp, 2)] },
      { type: 'ReturnSentBack', orderId, lines: [line(lamp, 2)] },
    ]);
    expect(await countsOf(lamp)).toEqual([3, 0, 2, 0]);
  });

  it('moves no units if more comes back than was shipped', async () => {
    const lamp = await stocked(5);
    const chair = await stocked(5);
    const orderId = await shipped(line(lamp, 2));
    await receive(orderId, line(lamp, 1), line(chair, 1));
    await sendBack(orderId, line(lamp, 1), line(chair, 1));
    expect((await messagesOf(orderId, 4)).slice(2)).toEqual([
      { type: 'ReturnRefused', orderId, reason: 'not_shipped' },
      { type: 'ReturnSentBack', orderId, lines: [] },
    ]);
    expect(await countsOf(lamp)).toEqual([3, 0, 2, 0]);
    expect(await countsOf(chair)).toEqual([5, 0, 0, 0]);
  });

  it('repeats its first answer when a command arrives again, and does not answer the same request under another id', async () => {
    const lamp = await stocked(5);
    const orderId = await shipped(line(lamp, 2));
    const lines = [line(lamp, 2)];
    const id = await receive(orderId, ...lines);
    const [, , first] = await answered(orderId, 3);
    await inventory.send(inventoryCommands, ReceiveReturn({ orderId, lines }), { id });
    await receive(orderId, ...lines);
    const restockId = await restock(orderId, ...lines);
    await restock(orderId, ...lines);
    await inventory.handled(inventoryCommands, orderId);
    const told = await answered(orderId, 5);
    expect(told.slice(2).map(({ message }) => message.type)).toEqual([
      'ReturnReceived',
      'ReturnReceived',
      'ReturnRestocked',
    ]);
    expect(told[3]).toEqual(first);
    expect(told[4]?.headers.get('ce_causationid')).toBe(restockId);
    expect(await countsOf(lamp)).toEqual([5, 0, 0, 0]);
  });

  it('D10 is ignored if it is sent back first', async () => {
    const lamp = await stocked(5);
    const orderId = await shipped(line(lamp, 2));
    await sendBack(orderId, line(lamp, 2));
    await receive(orderId, line(lamp, 2));
    await inventory.handled(inventoryCommands, orderId);
    expect((await messagesOf(orderId, 3)).slice(2)).toEqual([{ type: 'ReturnSentBack', orderId, lines: [] }]);
    expect(await countsOf(lamp)).toEqual([3, 0, 2, 0]);
  });

  it.each([
    ['a restocking of units that did not come back', [restock]],
    ['a restocking of units that were sent back', [receive, sendBack, restock]],
    ['a sending back of units that are on sale again', [receive, restock, sendBack]],
  ])('sends %s to the dead letters, and changes nothing', async (_what, steps) => {
    const lamp = await stocked(5);
    const orderId = await shipped(line(lamp, 2));
    for (const step of steps.slice(0, -1)) await step(orderId, line(lamp, 2));
    await answered(orderId, 1 + steps.length);
    const before = await countsOf(lamp);
    await steps.at(-1)?.(orderId, line(lamp, 2));
    await until(
      () => inventory.published('inventory-commands.dlq', orderId),
      (letters) => letters.length === 1,
    );
    expect(await answered(orderId, 1 + steps.length)).toHaveLength(1 + steps.length);
    expect(await countsOf(lamp)).toEqual(before);
  });
});
