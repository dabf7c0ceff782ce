import { afterAll, describe, expect, it } from '@jest/globals';
import { completedStory, openShop, orderStyles, StoryTeller } from '@millrace/test-support/shop';
import { sharedStack } from '@millrace/test-support/stack';

const stack = sharedStack();
const teller = new StoryTeller(stack.bootstrapServers);
afterAll(() => teller.close());

describe.each(orderStyles)('an order that nothing prevents (%s)', (style) => {
  it('W06 W10 is reserved, paid, shipped and completed, and takes the stock of each of its lines', async () => {
    const shop = await openShop(stack, teller, {
      stock: { lamp: 10, chair: 5 },
      accounts: { ada: 500_00 },
      prices: { chair: 90_00 },
      style,
    });

    const order = await shop.place({ customer: 'ada', lines: { lamp: 2, chair: 3 } });
    await order.endsAs('completed');

    expect(await shop.books()).toEqual({
      ada: 500_00 - 2 * 10_00 - 3 * 90_00,
      lamp: { onHand: 8, reserved: 0, shipped: 2 },
      chair: { onHand: 2, reserved: 0, shipped: 3 },
    });
    expect(await order.story()).toEqual(completedStory[style]);
    expect(await order.privateEvents('order', `order-${order.orderId}`)).toEqual([
      'OrderCreated',
      'OrderCompleted',
    ]);
    expect(await shop.mails(order)).toEqual(['order-completed']);
  });

  it('W06 W10 can be paid by card, which leaves the account untouched, is dispatched once it is complete, and then delivered', async () => {
    const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 1_00 }, style });

    const order = await shop.place({ customer: 'ada', lines: { lamp: 1 }, card: 'tok_approve' });
    await order.endsAs('completed');
    await order.shipmentBecomes('delivered');

    expect(await shop.books()).toEqual({ ada: 1_00, lamp: { onHand: 9, reserved: 0, shipped: 1 } });
    expect(await order.story()).toEqual(completedStory[style]);
    expect(await order.privateEvents('shipping', `shipment-${order.orderId}`)).toEqual([
      'BookingRequested',
      'ShipmentScheduled',
      'ShipmentDispatched',
      'ShipmentDelivered',
    ]);
  });
});
