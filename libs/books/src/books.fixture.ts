import type { OrderBook } from './books.ts';

/** A completed order of Ada, who paid from her account. */
export const bought: OrderBook = {
  orderId: 'o1',
  customerId: 'ada',
  status: 'completed',
  reason: null,
  amount: 20,
  byCard: false,
  lines: [{ sku: 'lamp', quantity: 2 }],
};
