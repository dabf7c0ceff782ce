import { sharedStack, type StackPlaces } from '@millrace/test-support/stack';

const accounts = { ada: 1_000_00, bob: 5_00 };
const products = { lamp: 24_90, chair: 89_00, vase: 49_00 };
const units = 50;

/** Opens the accounts and receives the products of the console's sample orders, which tests share. */
export async function stockSamples({ urls }: StackPlaces = sharedStack()): Promise<void> {
  const { inventory, payment } = urls;
  for (const [sku, amount] of Object.entries(products)) {
    await send('PUT', `${inventory}/products/${sku}`, { name: sku, price: { amount, currency: 'EUR' } });
    await send('POST', `${inventory}/products/${sku}/receipts`, { quantity: sku === 'vase' ? 1 : units });
  }
  for (const [customerId, amount] of Object.entries(accounts)) {
    await send('POST', `${payment}/accounts`, { customerId, currency: 'EUR' });
    await send('POST', `${payment}/accounts/${customerId}/deposits`, { amount });
  }
}

/** Places an order of one lamp, and returns its id. */
export async function orderLamp(): Promise<string> {
  const shippingAddress = {
    name: 'Ada',
    street: 'Mill Lane 1',
    city: 'Berlin',
    postcode: '10115',
    country: 'DE',
  };
  const answer = await send('POST', `${sharedStack().urls.order}/orders`, {
    customerId: 'ada',
    lines: [{ sku: 'lamp', quantity: 1 }],
    shippingAddress,
  });
  return ((await answer.json()) as { orderId: string }).orderId;
}

/** An account that another file has opened is there. */
async function send(method: string, url: string, body: object): Promise<Response> {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok && answer.status !== 409) throw new Error(`${method} ${url}: ${answer.status}`);
  return answer;
}
