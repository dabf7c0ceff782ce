import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import type { NewOrder } from './order-service.ts';
import { ShopModel, type ShopSettings } from './shop.ts';

const skus = ['lamp', 'vase'];
const customers = ['ada', 'bob'];
const line = fc.record({ sku: fc.constantFrom(...skus), quantity: fc.integer({ min: 1, max: 3 }) });

const newOrder = fc.record({
  customerId: fc.constantFrom(...customers),
  lines: fc.uniqueArray(line, { minLength: 1, maxLength: 2, selector: ({ sku }) => sku }),
  paymentMethod: fc.constantFrom('account' as const, { card: 'tok_approve' }, { card: 'tok_decline' }),
  postcode: fc.constantFrom('10115', '10115', '00000'),
});

const settings: fc.Arbitrary<ShopSettings> = fc.record({
  orders: fc.array(newOrder, { minLength: 1, maxLength: 4 }).map((orders) =>
    orders.map((each, index): NewOrder => ({
      ...each,
      orderId: `0199f000-0000-4000-8000-00000000000${index}`,
    })),
  ),
  units: fc.record({ lamp: fc.integer({ min: 0, max: 6 }), vase: fc.integer({ min: 1, max: 6 }) }),
  balances: fc.record({ ada: fc.integer({ min: 1, max: 90 }), bob: fc.integer({ min: 1, max: 90 }) }),
  impatience: fc.constantFrom(0, 1, 2, 8),
});
const choices = fc.noBias(fc.array(fc.nat({ max: 2 ** 16 - 1 }), { maxLength: 250 }));

const amountOf = ({ lines }: NewOrder): number => lines.reduce((sum, { quantity }) => sum + quantity * 10, 0);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/**
 * Checks the books that do not depend on the saga: stock, accounts, provider, carrier and mails.
 */
function expectBooksToBalance({ orders, units, balances }: ShopSettings, shop: ShopModel): void {
  const completed = orders.filter(({ orderId }) => shop.order.orders.get(orderId)?.status === 'completed');
  const shippedOf = (sku: string) =>
    sum(completed.flatMap(({ lines }) => lines.map((each) => (each.sku === sku ? each.quantity : 0))));
  for (const [sku, received] of Object.entries(units)) {
    const shipped = shippedOf(sku);
    expect({ sku, ...shop.inventory.shelves.get(sku) }).toMatchObject({
      sku,
      onHand: received - shipped,
      reserved: 0,
      shipped,
    });
  }
  const paidBy = (customerId: string) =>
    sum(
      completed
        .filter((each) => each.customerId === customerId && each.paymentMethod === 'account')
        .map(amountOf),
    );
  for (const [customerId, balance] of Object.entries(balances))
    expect(shop.payment.accounts.get(customerId)).toMatchObject({ balance: balance - paidBy(customerId) });
  const byCard = completed.filter(({ paymentMethod }) => paymentMethod !== 'account');
  expect([...shop.payment.charged].sort()).toEqual(
    byCard.map((each) => [each.orderId, amountOf(each)]).sort(),
  );
  const ids = completed.map(({ orderId }) => orderId).sort();
  expect([...shop.shipping.booked].sort()).toEqual(ids);
  expect([...shop.shipping.dispatched].sort()).toEqual(ids);
  expect(shop.order.mails.toSorted()).toEqual(orders.map(({ orderId }) => orderId).sort());
}

describe('orders, stock, money and parcels, when messages are late, repeated or lost for a while', () => {
  it('P09 end exactly once, with exact books and no rejected command that must not be rejected', () => {
    fc.assert(
      fc.property(settings, choices, (given, happens) => {
        const shop = new ShopModel(given);
        for (const choice of happens) shop.step(choice);
        shop.settle();

        expect(shop.house.deadLetters).toEqual([]);
        for (const [orderId, saga] of shop.order.sagas) {
          expect(saga.status).toMatch(/^(completed|compensated)$/);
          const order = saga.status === 'completed' ? 'completed' : 'cancelled';
          expect({ orderId, order: shop.order.orders.get(orderId)?.status }).toEqual({ orderId, order });
        }
        expect(shop.order.sagas.size).toBe(given.orders.length);
        expectBooksToBalance(given, shop);
      }),
      { numRuns: 150 },
    );
  });

  it('complete when nothing prevents them', () => {
    const orders = [0, 1].map((index): NewOrder => ({
      orderId: `0199f000-0000-4000-8000-00000000000${index}`,
      customerId: 'ada',
      lines: [{ sku: 'lamp', quantity: 2 }],
      paymentMethod: index === 0 ? 'account' : { card: 'tok_approve' },
      postcode: '10115',
    }));
    const given = { orders, units: { lamp: 4, vase: 0 }, balances: { ada: 20, bob: 0 }, impatience: 0 };
    const shop = new ShopModel(given);
    shop.settle();
    expect([...shop.order.orders.values()].map(({ status }) => status)).toEqual(['completed', 'completed']);
    expectBooksToBalance(given, shop);
  });
});
