import { afterAll, describe, expect, it } from '@jest/globals';
import {
  cancelledStory,
  holdTable,
  openShop,
  orderStyles,
  request,
  StoryTeller,
} from '@millrace/test-support/shop';
import { sharedStack, until } from '@millrace/test-support/stack';

const stack = sharedStack();
const teller = new StoryTeller(stack.bootstrapServers);
afterAll(() => teller.close());

const untouched = { onHand: 10, reserved: 0, shipped: 0 };

/** Stock and money are as they were before the order, and the customer gets one mail. */
describe.each(orderStyles)('an order that cannot be completed (%s)', (style) => {
  const stock = { lamp: 10, vase: 1 };
  const accounts = { ada: 500_00, bob: 5_00 };
  const unpaid = { before: ['InventoryReserved', 'PaymentFailed'], undone: ['InventoryReleased'] };
  const unshipped = {
    before: ['InventoryReserved', 'PaymentProcessed', 'ShipmentFailed'],
    undone: ['PaymentRefunded', 'InventoryReleased'],
  };

  it.each([
    [
      'W07 W10',
      'ada',
      { lines: { lamp: 1, vase: 2 } },
      'out_of_stock',
      { before: ['InventoryReserveFailed'], undone: [] },
    ],
    ['W07 W10', 'bob', { lines: { lamp: 1 } }, 'insufficient_funds', unpaid],
    ['W07 W10', 'nobody', { lines: { lamp: 1 } }, 'unknown_account', unpaid],
    ['W07 W10', 'ada', { lines: { lamp: 1 }, card: 'tok_decline' }, 'card_declined', unpaid],
    ['W04 W10', 'ada', { lines: { lamp: 2 }, postcode: '00000' }, 'address_refused', unshipped],
  ])('%s of %s, %j, is cancelled as %s', async (_promise, customer, wanted, reason, story) => {
    const shop = await openShop(stack, teller, { stock, accounts, style });

    const order = await shop.place({ customer, ...wanted });
    await order.endsAs('cancelled', reason);

    const vase = { onHand: 1, reserved: 0, shipped: 0 };
    expect(await shop.books()).toEqual({ ...accounts, lamp: untouched, vase });
    expect(await order.story()).toEqual(cancelledStory(style, story));
    const paid = await order.privateEvents('payment', `payment-${order.orderId}`);
    expect(paid.some((type) => type !== 'PaymentRefunded')).toBe(story.before.includes('InventoryReserved'));
    expect(await shop.mails(order)).toEqual(['order-cancelled']);
  });
});

describe.each(orderStyles)('the cancellation of an order by its customer (%s)', (style) => {
  it('W03 W10 returns everything, even a charge whose outcome was still unknown', async () => {
    const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 100_00 }, style });
    const letCharge = await holdTable(stack, 'payment', 'provider_charge');
    const order = await shop.place({ customer: 'ada', lines: { lamp: 1 }, card: 'tok_approve' });
    const payment = `${stack.urls.payment}/payments/${order.orderId}`;
    const becomes = (status: string) =>
      until(
        `the payment to be ${status}`,
        60_000,
        async () => (await request<{ status: string }>('GET', payment)).body.status === status,
      );
    try {
      await becomes('processing');
      await order.cancel();
      await order.cancel(); // a repeated request gets the same answer
      await becomes('refunding');
    } finally {
      await letCharge();
    }
    await order.endsAs('cancelled', 'cancelled_by_customer');

    expect(await shop.books()).toEqual({ ada: 100_00, lamp: untouched });
    expect(await order.story()).toEqual(
      cancelledStory(style, {
        before: ['InventoryReserved', 'OrderCancellationRequested'],
        undone: ['PaymentRefunded', 'InventoryReleased'],
      }),
    );
    expect(await shop.mails(order)).toEqual(['order-cancelled']);
  });
});
