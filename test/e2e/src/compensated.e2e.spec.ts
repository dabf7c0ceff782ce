import { afterAll, describe, expect, it } from '@jest/globals';
import { holdTable, openShop, request, StoryTeller } from '@millrace/test-support/shop';
import { sharedStack, until } from '@millrace/test-support/stack';

const stack = sharedStack();
const teller = new StoryTeller(stack.bootstrapServers);
afterAll(() => teller.close());

const untouched = { onHand: 10, reserved: 0, shipped: 0 };

/** Stock and money are as they were before the order, and the customer gets one mail. */
describe('an order that cannot be completed', () => {
  const stock = { lamp: 10, vase: 1 };
  const accounts = { ada: 500_00, bob: 5_00 };
  const unpaid = ['InventoryReserved', 'PaymentFailed', 'InventoryReleased'];

  it.each([
    ['W07', 'ada', { lines: { lamp: 1, vase: 2 } }, 'out_of_stock', ['InventoryReserveFailed']],
    ['W07', 'bob', { lines: { lamp: 1 } }, 'insufficient_funds', unpaid],
    ['W07', 'nobody', { lines: { lamp: 1 } }, 'unknown_account', unpaid],
    ['W07', 'ada', { lines: { lamp: 1 }, card: 'tok_decline' }, 'card_declined', unpaid],
    [
      'W04',
      'ada',
      { lines: { lamp: 2 }, postcode: '00000' },
      'address_refused',
      ['InventoryReserved', 'PaymentProcessed', 'ShipmentFailed', 'PaymentRefunded', 'InventoryReleased'],
    ],
  ])('%s of %s, %j, is cancelled as %s', async (_promise, customer, wanted, reason, story) => {
    const shop = await openShop(stack, teller, { stock, accounts });

    const order = await shop.place({ customer, ...wanted });
    await order.endsAs('cancelled', reason);

    const vase = { onHand: 1, reserved: 0, shipped: 0 };
    expect(await shop.books()).toEqual({ ...accounts, lamp: untouched, vase });
    expect(await order.story()).toEqual(['OrderCreated', ...story, 'OrderCancelled']);
    const asked = await order.privateEvents('payment', `payment-${order.orderId}`);
    expect(asked.length > 0).toBe(story.includes('InventoryReserved'));
    expect(await shop.mails(order)).toEqual(['order-cancelled']);
  });
});

describe('a cancellation by the customer', () => {
  it('W03 returns everything, even a charge whose outcome was still unknown', async () => {
    const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 100_00 } });
    const letCharge = await holdTable(stack, 'payment', 'provider_charge');
    const order = await shop.place({ customer: 'ada', lines: { lamp: 1 }, card: 'tok_approve' });
    try {
      await order.sent('pay');
      await order.cancel();
      await order.cancel(); // a repeated request gets the same answer
      const payment = `${stack.urls.payment}/payments/${order.orderId}`;
      await until(
        'the refund to be requested',
        60_000,
        async () => (await request<{ status: string }>('GET', payment)).body.status === 'refunding',
      );
    } finally {
      await letCharge();
    }
    await order.endsAs('cancelled', 'cancelled_by_customer');

    expect(await shop.books()).toEqual({ ada: 100_00, lamp: untouched });
    expect(await order.story()).toEqual([
      'OrderCreated',
      'InventoryReserved',
      'OrderCancellationRequested',
      'PaymentRefunded',
      'InventoryReleased',
      'OrderCancelled',
    ]);
    expect(await shop.mails(order)).toEqual(['order-cancelled']);
  });

  it('is rejected once the order is complete', async () => {
    const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 100_00 } });
    const order = await shop.place({ customer: 'ada', lines: { lamp: 1 } });
    await order.endsAs('completed');

    await expect(order.cancel()).rejects.toMatchObject({
      answer: { status: 409 },
      code: 'order_not_cancellable',
    });

    expect(await shop.mails(order)).toEqual(['order-completed']);
  });
});
