import type { Books } from './books.ts';
import type { Expected } from './check-books.ts';

/**
 * Takes for given what the services themselves recorded: deposits, deliveries of stock, orders and
 * sent mails. What remains to be checked is that everything else follows from it.
 */
export function expectedOf({ deposited, stock, orders, mailsTold }: Books): Expected {
  const mails = new Map<string, string[]>();
  for (const told of mailsTold) {
    const [orderId = '', kind = ''] = told.split(':');
    mails.set(orderId, [...(mails.get(orderId) ?? []), kind]);
  }
  return {
    deposited: new Map([
      ...orders.map(({ customerId }) => [customerId, 0] as const), // who pays by card has no account
      ...deposited,
    ]),
    received: new Map([...stock].map(([sku, { received }]) => [sku, received])),
    accepted: orders.map(({ orderId }) => orderId),
    complete: true,
    cancellations: new Map(),
    mails,
  };
}
