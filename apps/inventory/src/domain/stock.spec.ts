import { describe, expect, it } from '@jest/globals';
import type { OrderLine } from '@millrace/contracts';
import { foldEvents, isRejected, type Rejected } from '@millrace/event-sourcing';
import { assertSnapshotsFit, given } from '@millrace/testing';
import { fc } from '@millrace/testing/random';
import { decideOrderStock, reservation, type Reservation } from './reservation.ts';
import { stock, unitsMax, type Stock } from './stock.ts';
import type { ReservationEvent, StockEvent } from './events.ts';

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
    fc.record({ type: fc.constantFrom('StockReserved', 'StockReleased', 'StockShipped'), ...moved }),
  );

  it('E20 leads to the same state as folding all events, whatever they are and wherever it is taken', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) =>
        assertSnapshotsFit(stock, [defined, ...events]),
      ),
    );
  });
});

const lines = [
  { sku: 'lamp', quantity: 2 },
  { sku: 'vase', quantity: 1 },
];
const none = reservation.initialState;
const onHand = (units: Readonly<Record<string, number>>): ReadonlyMap<string, Stock> =>
  new Map(
    lines.map(({ sku }) => [
      sku,
      foldEvents(stock, [
        { ...defined, sku },
        { type: 'StockReceived', sku, quantity: units[sku] ?? 0 },
      ]),
    ]),
  );

type CommandType = 'ReserveInventory' | 'ReleaseInventory' | 'CommitReservation';
interface Decided {
  readonly reservation: readonly ReservationEvent[];
  readonly stock: readonly StockEvent[];
}

/** Returns the decision with the events of all SKUs in one list. */
function decide(
  type: CommandType,
  held: Reservation,
  stock = onHand({}),
  order: { readonly orderId: string; readonly lines: readonly OrderLine[] } = { orderId: 'o1', lines },
): Decided | Rejected {
  const command = { type, orderId: order.orderId, lines: [...order.lines] };
  const outcome = decideOrderStock(command, { reservation: held, stock });
  if (isRejected(outcome)) return outcome;
  return { reservation: outcome.events.reservation, stock: [...outcome.events.stock.values()].flat() };
}

describe('a reservation', () => {
  it('takes every line', () => {
    expect(decide('ReserveInventory', none, onHand({ lamp: 2, vase: 1 }))).toEqual({
      reservation: [{ type: 'InventoryReserved', orderId: 'o1', lines }],
      stock: [
        { type: 'StockReserved', orderId: 'o1', sku: 'lamp', quantity: 2 },
        { type: 'StockReserved', orderId: 'o1', sku: 'vase', quantity: 1 },
      ],
    });
  });

  it('D02 takes nothing when one line is short, and names the missing products', () => {
    expect(decide('ReserveInventory', none, onHand({ lamp: 2 }))).toEqual({
      reservation: [
        { type: 'InventoryReserveFailed', orderId: 'o1', reason: 'out_of_stock', missing: ['vase'] },
      ],
      stock: [],
    });
  });

  it('releases the units it held, and answers a release even if it held nothing', () => {
    expect(decide('ReleaseInventory', { status: 'reserved', lines })).toMatchObject({
      reservation: [{ type: 'InventoryReleased', lines }],
      stock: [{ type: 'StockReleased' }, { type: 'StockReleased' }],
    });
    for (const status of ['none', 'failed'] as const)
      expect(decide('ReleaseInventory', { status })).toEqual({
        reservation: [{ type: 'InventoryReleased', orderId: 'o1', lines: [] }],
        stock: [],
      });
  });

  it('releases the units it held, whatever quantities the command names', () => {
    const more = lines.map((line) => ({ ...line, quantity: line.quantity + 3 }));
    expect(
      decide('ReleaseInventory', { status: 'reserved', lines }, onHand({}), { orderId: 'o1', lines: more }),
    ).toEqual({
      reservation: [{ type: 'InventoryReleased', orderId: 'o1', lines }],
      stock: lines.map((line) => ({ type: 'StockReleased', orderId: 'o1', ...line })),
    });
  });

  it('reserves nothing after its release, and repeats nothing', () => {
    for (const held of [
      { status: 'released' },
      { status: 'reserved', lines },
      { status: 'failed' },
      { status: 'committed' },
    ] as const)
      expect(decide('ReserveInventory', held, onHand({ lamp: 9, vase: 9 }))).toEqual({
        reservation: [],
        stock: [],
      });
    expect(decide('ReleaseInventory', { status: 'released' })).toEqual({ reservation: [], stock: [] });
  });

  it('ships the units it held when it is committed, and can then no longer be released', () => {
    expect(decide('CommitReservation', { status: 'reserved', lines })).toMatchObject({
      reservation: [{ type: 'ReservationCommitted', lines }],
      stock: [{ type: 'StockShipped' }, { type: 'StockShipped' }],
    });
    expect(decide('CommitReservation', { status: 'committed' })).toEqual({ reservation: [], stock: [] });
    expect(decide('CommitReservation', { status: 'released' })).toMatchObject({
      rejected: 'nothing_reserved',
    });
    expect(decide('ReleaseInventory', { status: 'committed' })).toMatchObject({
      rejected: 'already_committed',
    });
  });
});

describe('a command that does not name what is held', () => {
  it.each(['ReleaseInventory', 'CommitReservation'] as const)('is refused (%s)', (type) => {
    const chair = [{ sku: 'chair', quantity: 1 }];
    expect(decide(type, { status: 'reserved', lines: chair })).toEqual({
      rejected: 'line_missing',
      details: { sku: 'chair' },
    });
  });
});

describe('P08 the stock figures', () => {
  const skus = ['lamp', 'vase'];
  const line = fc.record({ sku: fc.constantFrom(...skus), quantity: fc.integer({ min: 1, max: 4 }) });
  /** An order's lines are the same in all its commands. */
  const orders = fc.dictionary(
    fc.constantFrom('o1', 'o2', 'o3'),
    fc.uniqueArray(line, { minLength: 1, selector: ({ sku }) => sku }),
    {
      minKeys: 3,
    },
  );
  const act = fc.record({
    orderId: fc.constantFrom('o1', 'o2', 'o3'),
    act: fc.constantFrom('ReserveInventory', 'ReleaseInventory', 'CommitReservation'),
  });
  const acts = fc.array(act, { maxLength: 30 });

  class Warehouse {
    readonly shelves = new Map<string, Stock>();
    readonly reservations = new Map<string, Reservation>();
    readonly #orders: Readonly<Record<string, readonly OrderLine[]>>;

    constructor(units: number, orders: Readonly<Record<string, readonly OrderLine[]>>) {
      this.#orders = orders;
      for (const sku of skus)
        this.shelves.set(
          sku,
          foldEvents(stock, [{ ...defined, sku } as StockEvent, { ...received(units), sku } as StockEvent]),
        );
    }

    /** Returns the events that were recorded, or none if the command was rejected. */
    do({ orderId, act }: { orderId: string; act: CommandType }): Decided {
      const held = this.reservations.get(orderId) ?? none;
      const outcome = decide(act, held, this.shelves, { orderId, lines: this.#orders[orderId] ?? [] });
      if (isRejected(outcome)) return { reservation: [], stock: [] };
      for (const event of outcome.stock) {
        const shelf = this.shelves.get(event.sku) ?? stock.initialState;
        this.shelves.set(event.sku, stock.evolve(shelf, event));
      }
      this.reservations.set(orderId, foldEvents(reservation, outcome.reservation, held));
      return outcome;
    }
  }

  it('D01 are never negative; on hand, reserved and shipped always add up to the units received', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 }), orders, acts, (units, lines, given) => {
        const warehouse = new Warehouse(units, lines);
        for (const each of given) {
          warehouse.do(each);
          for (const shelf of warehouse.shelves.values()) {
            if (shelf.status !== 'defined') throw new Error('the product must be defined');
            expect(shelf.onHand + shelf.reserved + shelf.shipped).toBe(units);
            expect(Math.min(shelf.onHand, shelf.reserved, shelf.shipped)).toBeGreaterThanOrEqual(0);
          }
        }
      }),
    );
  });

  it('change once for a command, however often it arrives', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 }), orders, acts, (units, lines, given) => {
        const warehouse = new Warehouse(units, lines);
        for (const each of given) {
          warehouse.do(each);
          expect(warehouse.do(each)).toEqual({ reservation: [], stock: [] });
        }
      }),
    );
  });

  it('count exactly the units of open reservations as reserved, and a released order reserves nothing again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 }), orders, acts, acts, (units, lines, before, after) => {
        const warehouse = new Warehouse(units, lines);
        for (const each of before) warehouse.do(each);
        warehouse.do({ orderId: 'o1', act: 'ReleaseInventory' });
        for (const each of after)
          if (each.orderId === 'o1') expect(warehouse.do(each)).toEqual({ reservation: [], stock: [] });
          else warehouse.do(each);
        const held = skus.map((sku) =>
          [...warehouse.reservations.values()]
            .flatMap((held) => (held.status === 'reserved' ? held.lines : []))
            .reduce((sum, each) => sum + (each.sku === sku ? each.quantity : 0), 0),
        );
        expect([...warehouse.shelves.values()].map((shelf) => 'reserved' in shelf && shelf.reserved)).toEqual(
          held,
        );
      }),
    );
  });
});
