import { setTimeout as pause } from 'node:timers/promises';
import type { SagaReader } from '../sagas/saga-reader.ts';
import type { SampleOrder } from './scenarios.ts';
import type { ShopServices } from './shop-services.ts';

const pollMs = 150;
const waitMsMax = 60_000;

/** Places a sample order and then acts as its customer, while the page shows what happens. */
export async function actAsCustomer(
  { customerId, lines, postcode, card, cancels, returns }: SampleOrder,
  shop: ShopServices,
  sagas: SagaReader,
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
  });
  const later = cancels
    ? cancelInTime(orderId, shop, sagas)
    : returns
      ? sendBack(orderId, returns, shop)
      : undefined;
  later?.catch(() => undefined); // the page shows that nothing more happens
  return orderId;
}

async function cancelInTime(orderId: string, shop: ShopServices, sagas: SagaReader): Promise<void> {
  await until(async () => {
    const { saga } = await sagas.one({ service: 'order', definition: 'fulfillment', id: orderId });
    return saga.steps.some(({ name, sentAt }) => name === 'pay' && sentAt !== null);
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
