import { call, ApiError } from './api.ts';
import { sampleAccounts, sampleProducts } from './sample-orders.ts';

export type ServiceUrls = Readonly<
  Record<'order' | 'inventory' | 'payment' | 'shipping' | 'notification', string>
>;

/** Brings accounts and stock up to the samples' figures, whatever an earlier run has left. */
export async function stockShop(urls: ServiceUrls): Promise<void> {
  await Promise.all([
    ...sampleAccounts.map((account) => topUpAccount(urls.payment, account)),
    ...sampleProducts.map((product) => topUpProduct(urls.inventory, product)),
  ]);
}

async function topUpAccount(
  payment: string,
  { customerId, currency, balance }: (typeof sampleAccounts)[number],
): Promise<void> {
  await call('POST', `${payment}/accounts`, { customerId, currency }).catch((error: unknown) => {
    // The account is there from an earlier run.
    if (!(error instanceof ApiError && error.status === 409)) throw error;
  });
  const account = await call<{ balance: { amount: number } }>('GET', `${payment}/accounts/${customerId}`);
  const missing = balance - account.balance.amount;
  if (missing > 0) await call('POST', `${payment}/accounts/${customerId}/deposits`, { amount: missing });
}

async function topUpProduct(
  inventory: string,
  { sku, name, price, onHand }: (typeof sampleProducts)[number],
): Promise<void> {
  await call('PUT', `${inventory}/products/${sku}`, { name, price });
  // Reserved units no longer count as on hand.
  const product = await call<{ onHand: number }>('GET', `${inventory}/products/${sku}`);
  const missing = onHand - product.onHand;
  if (missing > 0) await call('POST', `${inventory}/products/${sku}/receipts`, { quantity: missing });
}
