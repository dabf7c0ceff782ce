import { describe, it } from '@jest/globals';
import { assertSnapshotsFit, given } from '@millrace/testing';
import { fc } from '@millrace/testing/random';
import type { StockEvent } from './events.ts';
import { stock, unitsMax } from './stock.ts';

const price = { amount: 12_50, currency: 'EUR' };
const defined: StockEvent = { type: 'ProductDefined', sku: 'lamp', name: 'Lamp', price };
const received = (quantity: number): StockEvent => ({ type: 'StockReceived', sku: 'lamp', quantity });

describe('a product and its stock', () => {
  it('is defined, and repeating the definition changes nothing', () => {
    const define = { type: 'DefineProduct', sku: 'lamp', name: 'Lamp', price } as const;
    given(stock).when(define).then([defined]);
    given(stock, [defined]).when(define).then([]);
  });

  it('records a new price as a change of price, and a new name as a new definition', () => {
    given(stock, [defined])
      .when({ type: 'DefineProduct', sku: 'lamp', name: 'Lamp', price: { ...price, amount: 10_00 } })
      .then([{ type: 'ProductPriceChanged', sku: 'lamp', price: { ...price, amount: 10_00 } }]);
    given(stock, [defined])
      .when({ type: 'DefineProduct', sku: 'lamp', name: 'Bright lamp', price })
      .then([{ type: 'ProductDefined', sku: 'lamp', name: 'Bright lamp', price }]);
  });

  it('receives units, up to the limit', () => {
    given(stock, [defined])
      .when({ type: 'ReceiveStock', sku: 'lamp', quantity: 3 })
      .then([received(3)]);
    given(stock).when({ type: 'ReceiveStock', sku: 'lamp', quantity: 3 }).thenRejected('unknown_product');
    given(stock, [defined, received(unitsMax)])
      .when({ type: 'ReceiveStock', sku: 'lamp', quantity: 1 })
      .thenRejected('stock_limit_exceeded');
  });
});

describe('a snapshot of a product', () => {
  const sku = fc.constant('lamp');
  const price = fc.tuple(fc.nat(), fc.constantFrom('EUR', 'USD')).map(([amount, currency]) => ({
    amount,
    currency,
  }));
  const moved = {
    sku,
    orderId: fc.constantFrom('o1', 'o2'),
    quantity: fc.integer({ min: 1, max: unitsMax }),
  };
  const event: fc.Arbitrary<StockEvent> = fc.oneof(
    fc.record({ type: fc.constant('ProductDefined'), sku, name: fc.string({ unit: 'binary' }), price }),
    fc.record({ type: fc.constant('ProductPriceChanged'), sku, price }),
    fc.record({ type: fc.constant('StockReceived'), sku, quantity: moved.quantity }),
    fc.record({
      type: fc.constantFrom(
        'StockReserved',
        'StockReleased',
        'StockShipped',
        'StockReturned',
        'StockSentBack',
        'StockRestocked',
      ),
      ...moved,
    }),
  );

  it('E20 leads to the same state as folding all events, whatever they are and wherever it is taken', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) =>
        assertSnapshotsFit(stock, [defined, ...events]),
      ),
    );
  });
});
