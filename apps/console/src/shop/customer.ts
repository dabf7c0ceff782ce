import { setTimeout as pause } from 'node:timers/promises';
import type { SampleOrder } from './sample-order.ts';
import type { ShopServices } from './shop-services.ts';

const pollMs = 150;
const waitMsMax = 60_000;

/** Places a sample order and then acts as its customer, while the page shows what happens. */
export async function actAsCustomer(
  { customerId, lines, postcode, card, style, cancels, returns }: SampleOrder,
  shop: ShopServices,
): Promise<string> {
  const { orderId } = await shop.placeOrder({
    customerId,
    lines,
    shippingAddress: {
      name: `${customerId} Sample`,
      street: 'Mill Lane 1',
      city: 'Berlin',
      postcode,
      country: 'DE',
    },
    ...(card !== undefined && { paymentMethod: { card } }),
    ...(style !== undefined && { style }),
  });
  const later = cancels
    ? cancelInTime(orderId, shop)
    : returns
      ? sendBack(orderId, returns, shop)
      : undefined;
  later?.catch(() => undefined); // the page shows that nothing more happens
  return orderId;
}

async function cancelInTime(orderId: string, shop: ShopServices): Promise<void> {
  await until(async () => {
    const { steps = [] } = (await shop.fulfillment(orderId)) ?? {};
    return steps.some(({ name, sentAt }) => name === 'pay' && sentAt !== null);
  });
  await shop.cancel(orderId);
}

async function sendBack(orderId: string, lines: object, shop: ShopServices): Promise<void> {
  await until(async () => (await shop.order(orderId)).status === 'completed');
  await shop.sendBack(orderId, lines);
  await until(async () => (await shop.orderReturn(orderId))?.status === 'announced');
  await shop.receiveParcel(orderId);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const limit = performance.now() + waitMsMax;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > limit) throw new Error(`nothing has happened for ${waitMsMax / 1_000} s`);
    await pause(pollMs);
  }
}
