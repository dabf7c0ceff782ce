import { readBooks } from './books.ts';
import { checkBooks, inWords, onceSettled } from './check-books.ts';
import { Refused } from './http.ts';
import type { NewOrder, PlacedOrder, Shop } from './open-shop.ts';

/** The names that random orders go by: a shop for them has these. */
export const randomCustomers = Array.from({ length: 10 }, (_, index) => `customer${index}`);
export const randomProducts = Array.from({ length: 8 }, (_, index) => `product${index}`);
const cards = ['tok_approve', 'tok_decline', 'tok_slow'];

/** Little money and little stock, so that orders compete for both. */
export const competition = {
  stock: Object.fromEntries(randomProducts.map((name, index) => [name, 5 + index * 4])),
  accounts: Object.fromEntries(randomCustomers.map((name, index) => [name, 50_00 + index * 40_00])),
  prices: Object.fromEntries(randomProducts.map((name, index) => [name, 3_00 + index * 2_50])),
};

/** An order as chance has it: any customer, one to four products, now and then a card or an address that is refused. */
export function randomOrder(random: () => number): NewOrder {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const lines = Object.fromEntries(
    Array.from({ length: 1 + Math.floor(random() * 4) }, () => [
      pick(randomProducts),
      1 + Math.floor(random() * 3),
    ]),
  );
  return {
    customer: pick(randomCustomers),
    lines,
    ...(random() < 0.15 && { postcode: '00000' }),
    ...(random() < 0.25 && { card: pick(cards) }),
  };
}

/** How a customer's cancellation was answered: 202, or 409 since something else had come first. */
export type CancellationAnswer = 'accepted' | 'refused';

/** A customer who changes their mind at whatever moment this is. */
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
 * Everything that is wrong once every order of the shop has ended, a sentence each; what has not come within the limit is wrong too. `placed` has
 * every order of the shop: one that nobody was told of is wrong.
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
