import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { inventoryCommands } from '@millrace/contracts';
import { transactionsSentDuring } from '@millrace/testing/postgres';
import { until, type TestService } from '@millrace/testing/service';
import { openInventory } from './inventory.fixture.ts';

let inventory: TestService;
beforeAll(async () => {
  inventory = await openInventory();
});
afterAll(() => inventory.close());

async function stocked(): Promise<string> {
  const sku = `lamp-${randomUUID().slice(0, 8)}`;
  await inventory.call('PUT', `/products/${sku}`, { name: 'Lamp', price: { amount: 1, currency: 'EUR' } });
  await inventory.call('POST', `/products/${sku}/receipts`, { quantity: 10 });
  return sku;
}

const {
  ReserveInventory,
  CommitReservation,
  ReleaseInventory,
  ReceiveReturn,
  SendBackReturn,
  RestockReturn,
} = inventoryCommands;

describe('a command that comes alone', () => {
  it.each([
    ['reserves', [ReserveInventory]],
    ['commits', [ReserveInventory, CommitReservation]],
    ['releases', [ReserveInventory, ReleaseInventory]],
    ['receives and sends back', [ReserveInventory, CommitReservation, ReceiveReturn, SendBackReturn]],
    ['restocks', [ReserveInventory, CommitReservation, ReceiveReturn, RestockReturn]],
  ])('takes two round trips when it %s', async (_what, commands) => {
    const orderId = randomUUID();
    const lines = [
      { sku: await stocked(), quantity: 1 },
      { sku: await stocked(), quantity: 2 },
    ];
    const answers = async () => (await inventory.published('inventory-events', orderId)).length;
    const sent = await transactionsSentDuring(async () => {
      for (const [index, command] of commands.entries()) {
        await inventory.send(inventoryCommands, command({ orderId, lines }));
        await until(answers, (count) => count > index);
      }
    });

    const appending = sent.filter(({ statements }) =>
      statements.some((statement) => /record_events|append_to_stream/.test(statement)),
    );
    expect(appending.map(({ roundTrips }) => roundTrips)).toEqual(commands.map(() => 2));
  });
});
