import type { Books } from './books.ts';
import type { Expected } from './check-books.ts';

/**
 * Trusts the deposits, deliveries of stock, orders and sent mails that the services recorded. The
 * check is whether everything else follows from them.
 */
export function expectedOf({ deposited, stock, orders, mailsTold }: Books): Expected {
  const mails = new Map<string, string[]>();
  for (const told of mailsTold) {
    const [orderId = '', kind = ''] = told.split(':');
    mails.set(orderId, [...(mails.get(orderId) ?? []), kind]);
  }
  return {
    deposited: new Map([...orders.map(({ customerId }) => [customerId, 0] as const), ...deposited]),
    received: new Map([...stock].map(([sku, { received }]) => [sku, received])),
    accepted: orders.map(({ orderId }) => orderId),
    complete: true,
    cancellations: new Map(),
    mails,
  };
}
