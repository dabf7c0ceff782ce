import { describe, expect, it } from '@jest/globals';
import type { OrderLine } from '@millrace/contracts';
import { foldEvents, isRejected, type Rejected } from '@millrace/event-sourcing';
import { fc } from '@millrace/testing/random';
import type { ReservationEvent, StockEvent } from './events.ts';
import { decideOrderStock, reservation, type Reservation } from './reservation.ts';
import { decideReturn, orderReturn, type Return } from './return.ts';
import { stock, type Stock } from './stock.ts';

const price = { amount: 12_50, currency: 'EUR' };
const defined: StockEvent = { type: 'ProductDefined', sku: 'lamp', name: 'Lamp', price };
const received = (quantity: number): StockEvent => ({ type: 'StockReceived', sku: 'lamp', quantity });

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

const commandTypes = ['ReserveInventory', 'ReleaseInventory', 'CommitReservation'] as const;
const returnTypes = ['ReceiveReturn', 'SendBackReturn', 'RestockReturn'] as const;
type CommandType = (typeof commandTypes)[number];
type ReturnType = (typeof returnTypes)[number];
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
      { status: 'committed', lines },
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
    expect(decide('CommitReservation', { status: 'committed', lines })).toEqual({
      reservation: [],
      stock: [],
    });
    expect(decide('CommitReservation', { status: 'released' })).toMatchObject({
      rejected: 'nothing_reserved',
    });
    expect(decide('ReleaseInventory', { status: 'committed', lines })).toMatchObject({
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
  const order = { orderId: fc.constantFrom('o1', 'o2', 'o3') };
  const act = fc.record({ ...order, act: fc.constantFrom(...commandTypes, ...returnTypes) });
  const acts = fc.array(act, { maxLength: 30 });
  const actsOnReservations = fc.array(fc.record({ ...order, act: fc.constantFrom(...commandTypes) }), {
    maxLength: 30,
  });

  const nothing: Decided = { reservation: [], stock: [] };
  const isReturn = (act: CommandType | ReturnType): act is ReturnType =>
    returnTypes.some((type) => type === act);

  class Warehouse {
    readonly shelves = new Map<string, Stock>();
    readonly reservations = new Map<string, Reservation>();
    readonly #returns = new Map<string, Return>();
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
    do({ orderId, act }: { orderId: string; act: CommandType | ReturnType }): Decided {
      const held = this.reservations.get(orderId) ?? none;
      const order = { orderId, lines: this.#orders[orderId] ?? [] };
      if (isReturn(act)) return this.#return(act, order);
      const outcome = decide(act, held, this.shelves, order);
      if (isRejected(outcome)) return nothing;
      this.#move(outcome.stock);
      this.reservations.set(orderId, foldEvents(reservation, outcome.reservation, held));
      return outcome;
    }

    #return(type: ReturnType, { orderId, lines }: { orderId: string; lines: readonly OrderLine[] }): Decided {
      const before = this.#returns.get(orderId) ?? orderReturn.initialState;
      const outcome = decideReturn(
        { type, orderId, lines: [...lines] },
        {
          orderReturn: before,
          reservation: this.reservations.get(orderId) ?? none,
          stock: this.shelves,
        },
      );
      if (isRejected(outcome)) return nothing;
      const moves = [...outcome.events.stock.values()].flat();
      this.#move(moves);
      this.#returns.set(orderId, foldEvents(orderReturn, outcome.events.orderReturn, before));
      return { ...nothing, stock: moves };
    }

    #move(events: readonly StockEvent[]): void {
      for (const event of events) {
        const shelf = this.shelves.get(event.sku) ?? stock.initialState;
        this.shelves.set(event.sku, stock.evolve(shelf, event));
      }
    }
  }

  it('D01 are never negative; on hand, reserved, shipped and returned always add up to the units received', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 }), orders, acts, (units, lines, given) => {
        const warehouse = new Warehouse(units, lines);
        for (const each of given) {
          warehouse.do(each);
          for (const shelf of warehouse.shelves.values()) {
            if (shelf.status !== 'defined') throw new Error('the product must be defined');
            const { onHand, reserved, shipped, returned } = shelf;
            expect(onHand + reserved + shipped + returned).toBe(units);
            expect(Math.min(onHand, reserved, shipped, returned)).toBeGreaterThanOrEqual(0);
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
      fc.property(
        fc.integer({ min: 0, max: 10 }),
        orders,
        actsOnReservations,
        actsOnReservations,
        (units, lines, before, after) => {
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
          expect(
            [...warehouse.shelves.values()].map((shelf) => 'reserved' in shelf && shelf.reserved),
          ).toEqual(held);
        },
      ),
    );
  });
});
