import type { OrderLine, ReceiveReturn, RestockReturn, SendBackReturn } from '@millrace/contracts';
import {
  assertNever,
  isRejected,
  rejected,
  type Decider,
  type Decision,
  type Rejected,
} from '@millrace/event-sourcing';
import type { ReturnEvent, StockEvent } from './events.ts';
import type { Reservation } from './reservation.ts';
import type { Stock } from './stock.ts';

/** What is known about an order's return and its units before the decision. */
interface ReturnedStock {
  readonly orderReturn: Return;
  readonly reservation: Reservation;
  /** The stock of every SKU that the command names. */
  readonly stock: ReadonlyMap<string, Stock>;
}

type ReturnDecision = Decision<{
  readonly orderReturn: readonly ReturnEvent[];
  readonly stock: ReadonlyMap<string, readonly StockEvent[]>;
}>;

type ReturnCommand =
  | {
      readonly type: 'ReceiveReturn';
      readonly orderId: string;
      readonly lines: readonly OrderLine[];
      /** The units that the order shipped. */
      readonly shipped: readonly OrderLine[];
    }
  | { readonly type: 'SendBackReturn'; readonly orderId: string }
  | { readonly type: 'RestockReturn'; readonly orderId: string };

type ReturnRejection = 'nothing_returned' | 'already_restocked' | 'line_missing';

/**
 * The units of one order that came back. Once it is `sent_back`, even if nothing had arrived, a
 * receipt that arrives late changes nothing.
 */
export type Return =
  | { readonly status: 'none' }
  | { readonly status: 'received'; readonly lines: readonly OrderLine[] }
  | { readonly status: 'refused' }
  | { readonly status: 'sent_back' }
  | { readonly status: 'restocked' };

const initialState: Return = { status: 'none' };

export const orderReturn: Decider<ReturnCommand, ReturnEvent, Return, ReturnRejection> = {
  initialState,

  decide(command, state) {
    switch (command.type) {
      case 'ReceiveReturn':
        return receive(command, state);
      case 'SendBackReturn':
        return sendBack(command.orderId, state);
      case 'RestockReturn':
        return restock(command.orderId, state);
      default:
        return assertNever(command);
    }
  },

  evolve,
};

/**
 * Decides on the return and the stock of every SKU that the command names. The decision of the
 * return determines which units move.
 */
export function decideReturn(
  command: ReceiveReturn | SendBackReturn | RestockReturn,
  { orderReturn: before, reservation, stock }: ReturnedStock,
): ReturnDecision | Rejected<ReturnRejection> {
  const shipped = reservation.status === 'committed' ? reservation.lines : [];
  const decided = orderReturn.decide(
    command.type === 'ReceiveReturn' ? { ...command, shipped } : command,
    before,
  );
  if (isRejected(decided)) return decided;
  const moves = decided.flatMap(movesOf);
  const unnamed = moves.find(({ sku }) => !stock.has(sku));
  if (unnamed !== undefined) return rejected('line_missing', { sku: unnamed.sku });
  return { events: { orderReturn: decided, stock: new Map(moves.map((move) => [move.sku, [move]])) } };
}

/** Receives every line, or refuses all of them if the order did not ship one. */
function receive(
  { orderId, lines, shipped }: Extract<ReturnCommand, { type: 'ReceiveReturn' }>,
  state: Return,
): readonly ReturnEvent[] {
  if (state.status !== 'none') return [];
  const left = new Map(shipped.map(({ sku, quantity }) => [sku, quantity]));
  return lines.every(({ sku, quantity }) => quantity <= (left.get(sku) ?? 0))
    ? [{ type: 'ReturnReceived', orderId, lines }]
    : [{ type: 'ReturnRefused', orderId, reason: 'not_shipped' }];
}

/** Answers even if nothing was received, so that a receipt that arrives late changes nothing. */
function sendBack(orderId: string, state: Return): readonly ReturnEvent[] | Rejected<'already_restocked'> {
  switch (state.status) {
    case 'received':
      return [{ type: 'ReturnSentBack', orderId, lines: state.lines }];
    case 'none':
    case 'refused':
      return [{ type: 'ReturnSentBack', orderId, lines: [] }];
    case 'sent_back':
      return [];
    case 'restocked':
      return rejected('already_restocked', { orderId });
    default:
      return assertNever(state);
  }
}

/** Puts the received units on sale once the return is complete. */
function restock(orderId: string, state: Return): readonly ReturnEvent[] | Rejected<'nothing_returned'> {
  switch (state.status) {
    case 'received':
      return [{ type: 'ReturnRestocked', orderId, lines: state.lines }];
    case 'restocked':
      return [];
    case 'none':
    case 'refused':
    case 'sent_back':
      return rejected('nothing_returned', { orderId, status: state.status });
    default:
      return assertNever(state);
  }
}

function movesOf(event: ReturnEvent): readonly StockEvent[] {
  const { orderId } = event;
  switch (event.type) {
    case 'ReturnReceived':
      return event.lines.map((line) => ({ type: 'StockReturned', orderId, ...line }));
    case 'ReturnSentBack':
      return event.lines.map((line) => ({ type: 'StockSentBack', orderId, ...line }));
    case 'ReturnRestocked':
      return event.lines.map((line) => ({ type: 'StockRestocked', orderId, ...line }));
    case 'ReturnRefused':
      return [];
    default:
      return assertNever(event);
  }
}

function evolve(_state: Return, event: ReturnEvent): Return {
  switch (event.type) {
    case 'ReturnReceived':
      return { status: 'received', lines: event.lines };
    case 'ReturnRefused':
      return { status: 'refused' };
    case 'ReturnSentBack':
      return { status: 'sent_back' };
    case 'ReturnRestocked':
      return { status: 'restocked' };
    default:
      return assertNever(event);
  }
}
