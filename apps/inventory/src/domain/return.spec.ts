import { describe, expect, it } from '@jest/globals';
import type { OrderLine } from '@millrace/contracts';
import { foldEvents, isRejected } from '@millrace/event-sourcing';
import { fc } from '@millrace/testing/random';
import type { ReturnEvent } from './events.ts';
import type { Reservation } from './reservation.ts';
import { decideReturn, orderReturn, type Return } from './return.ts';
import { stock } from './stock.ts';

const orderId = 'o1';
const lines = [
  { sku: 'lamp', quantity: 2 },
  { sku: 'vase', quantity: 1 },
];
const committed: Reservation = { status: 'committed', lines };
const none = orderReturn.initialState;
type CommandType = 'ReceiveReturn' | 'SendBackReturn' | 'RestockReturn';

const decide = (
  type: CommandType,
  before: Return,
  named: readonly OrderLine[] = lines,
  reservation: Reservation = committed,
) =>
  decideReturn(
    { type, orderId, lines: [...named] },
    { orderReturn: before, reservation, stock: new Map(named.map(({ sku }) => [sku, stock.initialState])) },
  );

/** What a decision records: the events of the return, and those of all SKUs in one list. */
function events(...decision: Parameters<typeof decide>) {
  const outcome = decide(...decision);
  if (isRejected(outcome)) return outcome;
  return { orderReturn: outcome.events.orderReturn, stock: [...outcome.events.stock.values()].flat() };
}

const nothing = { orderReturn: [], stock: [] };
const refused = { orderReturn: [{ type: 'ReturnRefused', orderId, reason: 'not_shipped' }], stock: [] };
const moved = (type: string) => lines.map((line) => ({ type, orderId, ...line }));

describe('a return', () => {
  it('receives every line that the order shipped', () => {
    expect(events('ReceiveReturn', none)).toEqual({
      orderReturn: [{ type: 'ReturnReceived', orderId, lines }],
      stock: moved('StockReturned'),
    });
    const one = [{ sku: 'lamp', quantity: 1 }];
    expect(events('ReceiveReturn', none, one)).toMatchObject({
      orderReturn: [{ type: 'ReturnReceived', lines: one }],
    });
  });

  it('D10 is refused whole if one line exceeds what the order shipped', () => {
    const more = [{ sku: 'lamp', quantity: 3 }];
    const other = [{ sku: 'chair', quantity: 1 }];
    for (const named of [more, other, [...lines, ...other]])
      expect(events('ReceiveReturn', none, named)).toEqual(refused);
  });

  it.each<[string, Reservation]>([
    ['that has no reservation', { status: 'none' }],
    ['whose units are still reserved', { status: 'reserved', lines }],
    ['that was short of stock', { status: 'failed' }],
    ['whose units were released', { status: 'released' }],
  ])('is refused for an order %s', (_what, reservation) => {
    expect(events('ReceiveReturn', none, lines, reservation)).toEqual(refused);
  });

  it('is sent back with the units that it received, whatever quantities the command names', () => {
    const more = lines.map((line) => ({ ...line, quantity: line.quantity + 3 }));
    expect(events('SendBackReturn', { status: 'received', lines }, more)).toEqual({
      orderReturn: [{ type: 'ReturnSentBack', orderId, lines }],
      stock: moved('StockSentBack'),
    });
  });

  it('answers that it is sent back even if nothing was received, and receives nothing afterwards', () => {
    for (const status of ['none', 'refused'] as const)
      expect(events('SendBackReturn', { status })).toEqual({
        orderReturn: [{ type: 'ReturnSentBack', orderId, lines: [] }],
        stock: [],
      });
    expect(events('SendBackReturn', { status: 'sent_back' })).toEqual(nothing);
    expect(events('ReceiveReturn', { status: 'sent_back' })).toEqual(nothing);
    expect(events('RestockReturn', { status: 'sent_back' })).toMatchObject({ rejected: 'nothing_returned' });
  });

  it('is restocked with the units that it received, and can then no longer be sent back', () => {
    expect(events('RestockReturn', { status: 'received', lines })).toEqual({
      orderReturn: [{ type: 'ReturnRestocked', orderId, lines }],
      stock: moved('StockRestocked'),
    });
    expect(events('RestockReturn', { status: 'restocked' })).toEqual(nothing);
    expect(events('SendBackReturn', { status: 'restocked' })).toMatchObject({
      rejected: 'already_restocked',
    });
  });

  it.each(['SendBackReturn', 'RestockReturn'] as const)(
    'refuses a command that does not name what it received (%s)',
    (type) => {
      expect(events(type, { status: 'received', lines: [{ sku: 'chair', quantity: 1 }] })).toEqual({
        rejected: 'line_missing',
        details: { sku: 'chair' },
      });
    },
  );
});

describe('a return that gets any commands in any order', () => {
  const commands = fc.array(
    fc.constantFrom<CommandType>('ReceiveReturn', 'SendBackReturn', 'RestockReturn'),
    {
      maxLength: 12,
    },
  );

  it('P08 is received at most once, ends at most once, and a repeated command changes nothing', () => {
    fc.assert(
      fc.property(commands, fc.boolean(), (given, isShipped) => {
        const told: ReturnEvent[] = [];
        const handle = (type: CommandType) => {
          const state = foldEvents(orderReturn, told);
          const outcome = decide(type, state, lines, isShipped ? committed : { status: 'none' });
          if (isRejected(outcome)) return;
          told.push(...outcome.events.orderReturn);
        };
        for (const type of given) {
          handle(type);
          const before = told.length;
          handle(type);
          expect(told).toHaveLength(before);
        }
        const types = told.map(({ type }) => type);
        expect(new Set(types).size).toBe(types.length);
        expect(types.includes('ReturnReceived') && types.includes('ReturnRefused')).toBe(false);
        const end = types.findIndex((type) => type === 'ReturnSentBack' || type === 'ReturnRestocked');
        if (end >= 0) expect(end).toBe(types.length - 1);
      }),
    );
  });
});
