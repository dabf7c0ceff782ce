import type { OrderStyle } from '@millrace/contracts';
import { checkBooks, inWords } from '@millrace/books';
import { onceSettled } from './once-settled.ts';
import { readBooks } from './stack-books.ts';
import { Refused } from './http.ts';
import type { NewOrder, PlacedOrder, Shop } from './open-shop.ts';
import { orderStyles } from './styles.ts';

/** The customers of random orders. A shop for them must have all of these. */
export const randomCustomers = Array.from({ length: 10 }, (_, index) => `customer${index}`);
export const randomProducts = Array.from({ length: 8 }, (_, index) => `product${index}`);
const cards = ['tok_approve', 'tok_decline', 'tok_slow'];

/** A shop with little money and little stock, so that orders compete for both. */
export const competition = {
  stock: Object.fromEntries(randomProducts.map((name, index) => [name, 5 + index * 4])),
  accounts: Object.fromEntries(randomCustomers.map((name, index) => [name, 50_00 + index * 40_00])),
  prices: Object.fromEntries(randomProducts.map((name, index) => [name, 3_00 + index * 2_50])),
};

/**
 * Returns a random order: any customer, one to four products, sometimes a card or an address that
 * is refused, in one of the styles. Without any style the order leaves it to the order service.
 */
export function randomOrder(random: () => number, styles: readonly OrderStyle[] = orderStyles): NewOrder {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const lines = Object.fromEntries(
    Array.from({ length: 1 + Math.floor(random() * 4) }, () => [
      pick(randomProducts),
      1 + Math.floor(random() * 3),
    ]),
  );
  const style = styles[Math.floor(random() * styles.length)];
  return {
    customer: pick(randomCustomers),
    lines,
    ...(style !== undefined && { style }),
    ...(random() < 0.15 && { postcode: '00000' }),
    ...(random() < 0.25 && { card: pick(cards) }),
  };
}

/** The answer to a customer's cancellation: 202, or 409 because something else came first. */
export type CancellationAnswer = 'accepted' | 'refused';

export async function cancelIfInTime(order: PlacedOrder): Promise<CancellationAnswer> {
  try {
    await order.cancel();
    return 'accepted';
  } catch (error) {
    if (error instanceof Refused && error.answer.status === 409) return 'refused';
    throw error;
  }
}

const settleMsMax = 60_000;

/**
 * Waits until every order of the shop has ended and resolves to the problems found, one sentence
 * each. An order that has not ended within the limit is a problem, and so is one that is missing
 * from `placed`.
 */
export async function problemsAfter(
  shop: Shop,
  placed: readonly PlacedOrder[],
  cancellations: ReadonlyMap<string, CancellationAnswer> = new Map(),
  limitMs = settleMsMax,
): Promise<readonly string[]> {
  const knowing = { accepted: placed.map(({ orderId }) => orderId), complete: true, cancellations };
  const look = async () => checkBooks(await readBooks(shop.stack), await shop.expected(knowing));
  return (await onceSettled(look, limitMs)).map(inWords);
}
