import { describe, expect, it } from '@jest/globals';
import { foldEvents, isRejected } from '@millrace/event-sourcing';
import { given } from '@millrace/testing';
import { fc } from '@millrace/testing/random';
import { commit, release, reserve, type ReservationDecision } from './decide-reservation.ts';
import { evolveReservation, noReservation, type Reservation } from './reservation.ts';
import { stock, unitsMax, type Stock, type StockEvent } from './stock.ts';

const price = { amount: 12_50, currency: 'EUR' };
const defined: StockEvent = { type: 'ProductDefined', sku: 'lamp', name: 'Lamp', price };
const received = (quantity: number): StockEvent => ({ type: 'StockReceived', sku: 'lamp', quantity });

describe('a product and its stock', () => {
  it('is defined, and saying the same again changes nothing', () => {
    const define = { type: 'DefineProduct', sku: 'lamp', name: 'Lamp', price } as const;
    given(stock).when(define).then([defined]);
    given(stock, [defined]).when(define).then([]);
  });

  it('changes its price alone, and is defined anew with another name', () => {
    given(stock, [defined])
      .when({ type: 'DefineProduct', sku: 'lamp', name: 'Lamp', price: { ...price, amount: 10_00 } })
      .then([{ type: 'ProductPriceChanged', sku: 'lamp', price: { ...price, amount: 10_00 } }]);
    given(stock, [defined])
      .when({ type: 'DefineProduct', sku: 'lamp', name: 'Bright lamp', price })
      .then([{ type: 'ProductDefined', sku: 'lamp', name: 'Bright lamp', price }]);
  });

  it('receives units, but never more than can be counted', () => {
    given(stock, [defined])
      .when({ type: 'ReceiveStock', sku: 'lamp', quantity: 3 })
      .then([received(3)]);
    given(stock).when({ type: 'ReceiveStock', sku: 'lamp', quantity: 3 }).thenRejected('unknown_product');
    given(stock, [defined, received(unitsMax)])
      .when({ type: 'ReceiveStock', sku: 'lamp', quantity: 1 })
      .thenRejected('stock_limit_exceeded');
  });
});

const lines = [
  { sku: 'lamp', quantity: 2 },
  { sku: 'vase', quantity: 1 },
];
const command = { orderId: 'o1', lines };
const onHand = (units: Readonly<Record<string, number>>) => (sku: string) =>
  foldEvents(stock, [
    { ...defined, sku },
    { type: 'StockReceived', sku, quantity: units[sku] ?? 0 },
  ]);

describe('a reservation', () => {
  it('takes every line', () => {
    expect(reserve(command, noReservation, onHand({ lamp: 2, vase: 1 }))).toEqual({
      reservation: [{ type: 'InventoryReserved', orderId: 'o1', lines }],
      stock: [
        { type: 'StockReserved', orderId: 'o1', sku: 'lamp', quantity: 2 },
        { type: 'StockReserved', orderId: 'o1', sku: 'vase', quantity: 1 },
      ],
    });
  });

  it('takes nothing when one line is short, and names the missing products', () => {
    expect(reserve(command, noReservation, onHand({ lamp: 2 }))).toEqual({
      reservation: [{ type: 'InventoryReserveFailed', orderId: 'o1', reason: 'out_of_stock', missing: ['vase'] }],
      stock: [],
    });
  });

  it('is released with what it held, and answers a release even when it held nothing', () => {
    expect(release(command, { status: 'reserved', lines })).toMatchObject({
      reservation: [{ type: 'InventoryReleased', lines }],
      stock: [{ type: 'StockReleased' }, { type: 'StockReleased' }],
    });
    for (const status of ['none', 'failed'] as const)
      expect(release(command, { status })).toEqual({ reservation: [{ type: 'InventoryReleased', orderId: 'o1', lines: [] }], stock: [] });
  });

  it('refuses to reserve after its release, and repeats nothing', () => {
    for (const reservation of [
      { status: 'released' },
      { status: 'reserved', lines },
      { status: 'failed' },
      { status: 'committed' },
    ] as const)
      expect(reserve(command, reservation, onHand({ lamp: 9, vase: 9 }))).toEqual({ reservation: [], stock: [] });
    expect(release(command, { status: 'released' })).toEqual({ reservation: [], stock: [] });
  });

  it('ships what it held when it is committed, and can then no longer be released', () => {
    expect(commit(command, { status: 'reserved', lines })).toMatchObject({
      reservation: [{ type: 'ReservationCommitted', lines }],
      stock: [{ type: 'StockShipped' }, { type: 'StockShipped' }],
    });
    expect(commit(command, { status: 'committed' })).toEqual({ reservation: [], stock: [] });
    expect(commit(command, { status: 'released' })).toMatchObject({ rejected: 'nothing_reserved' });
    expect(release(command, { status: 'committed' })).toMatchObject({ rejected: 'already_committed' });
  });
});

describe('the books of the stock', () => {
  const act = fc.record({
    orderId: fc.constantFrom('o1', 'o2', 'o3'),
    act: fc.constantFrom('reserve', 'release', 'commit'),
    quantity: fc.integer({ min: 1, max: 4 }),
  });

  it('always balance: on hand, reserved and shipped make up what was received, and none is negative', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 }), fc.array(act, { maxLength: 30 }), (units, acts) => {
        let shelf: Stock = foldEvents(stock, [defined, received(units)]);
        const reservations = new Map<string, Reservation>();
        for (const { orderId, act, quantity } of acts) {
          const reservation = reservations.get(orderId) ?? noReservation;
          const order = { orderId, lines: [{ sku: 'lamp', quantity }] };
          const outcome =
            act === 'reserve'
              ? reserve(order, reservation, () => shelf)
              : act === 'release'
                ? release(order, reservation)
                : commit(order, reservation);
          if (isRejected(outcome)) continue;
          shelf = foldEvents(stock, outcome.stock, shelf);
          reservations.set(orderId, (outcome satisfies ReservationDecision).reservation.reduce(evolveReservation, reservation));
        }
        if (shelf.status !== 'defined') throw new Error('defined at first');
        expect(shelf.onHand + shelf.reserved + shelf.shipped).toBe(units);
        expect(Math.min(shelf.onHand, shelf.reserved, shelf.shipped)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
