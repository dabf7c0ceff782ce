import { afterAll, describe, expect, it } from '@jest/globals';
import { holdTable, openShop, request, StoryTeller } from '@millrace/test-support/shop';
import { sharedStack, until } from '@millrace/test-support/stack';

const stack = sharedStack();
const teller = new StoryTeller(stack.bootstrapServers);
afterAll(() => teller.close());

const untouched = { onHand: 10, reserved: 0, shipped: 0 };

describe('an order for more than the stock holds', () => {
  it('W07 is cancelled without a charge', async () => {
    const shop = await openShop(stack, teller, { stock: { lamp: 10, vase: 1 }, accounts: { ada: 500_00 } });

    const order = await shop.place({ customer: 'ada', lines: { lamp: 1, vase: 2 } });
    await order.endsAs('cancelled', 'out_of_stock');

    expect(await shop.books()).toEqual({
      ada: 500_00,
      lamp: untouched,
      vase: { onHand: 1, reserved: 0, shipped: 0 },
    });
    expect(await order.story()).toEqual(['OrderCreated', 'InventoryReserveFailed', 'OrderCancelled']);
    expect(await order.privateEvents('payment', `payment-${order.orderId}`)).toEqual([]);
    expect(await shop.mails(order)).toEqual(['order-cancelled']);
  });
});

describe('an order that costs more than the account holds', () => {
  it('W07 gives the stock back and is cancelled', async () => {
    const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { bob: 5_00 } });

    const order = await shop.place({ customer: 'bob', lines: { lamp: 1 } });
    await order.endsAs('cancelled', 'insufficient_funds');

    expect(await shop.books()).toEqual({ bob: 5_00, lamp: untouched });
    expect(await order.story()).toEqual([
      'OrderCreated',
      'InventoryReserved',
      'PaymentFailed',
      'InventoryReleased',
      'OrderCancelled',
    ]);
    expect(await shop.mails(order)).toEqual(['order-cancelled']);
  });
});

describe('an order from a customer without an account', () => {
  it('is cancelled as unknown_account', async () => {
    const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: {} });

    const order = await shop.place({ customer: 'nobody', lines: { lamp: 1 } });
    await order.endsAs('cancelled', 'unknown_account');

    expect(await shop.books()).toEqual({ lamp: untouched });
  });
});

describe('an order whose card is declined', () => {
  it('W07 gives the stock back and is cancelled', async () => {
    const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: {} });

    const order = await shop.place({ customer: 'ada', lines: { lamp: 1 }, card: 'tok_decline' });
    await order.endsAs('cancelled', 'card_declined');

    expect(await shop.books()).toEqual({ lamp: untouched });
    expect(await order.story()).toEqual([
      'OrderCreated',
      'InventoryReserved',
      'PaymentFailed',
      'InventoryReleased',
      'OrderCancelled',
    ]);
  });
});

describe('an order whose address the carrier refuses', () => {
  it('W04 is refunded, releases its stock and is cancelled with the reason', async () => {
    const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 100_00 } });

    const order = await shop.place({ customer: 'ada', lines: { lamp: 2 }, postcode: '00000' });
    await order.endsAs('cancelled', 'address_refused');

    expect(await shop.books()).toEqual({ ada: 100_00, lamp: untouched });
    expect(await order.story()).toEqual([
      'OrderCreated',
      'InventoryReserved',
      'PaymentProcessed',
      'ShipmentFailed',
      'PaymentRefunded',
      'InventoryReleased',
      'OrderCancelled',
    ]);
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
