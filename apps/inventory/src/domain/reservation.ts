import type { OrderLine, CommitReservation, ReleaseInventory, ReserveInventory } from '@millrace/contracts';
import {
  assertNever,
  isRejected,
  rejected,
  type Decider,
  type Decision,
  type Rejected,
} from '@millrace/event-sourcing';
import type { ReservationEvent, StockEvent } from './events.ts';
import type { Stock } from './stock.ts';

/**
 * The order's reservation and the stock of every SKU that the command names, before the decision.
 */
interface OrderStock {
  readonly reservation: Reservation;
  readonly stock: ReadonlyMap<string, Stock>;
}

type OrderStockDecision = Decision<{
  readonly reservation: readonly ReservationEvent[];
  readonly stock: ReadonlyMap<string, readonly StockEvent[]>;
}>;

type ReservationCommand =
  | {
      readonly type: 'ReserveInventory';
      readonly orderId: string;
      readonly lines: readonly OrderLine[];
      readonly customerId?: string;
      /** SKUs with too few units on hand. */
      readonly missing: readonly string[];
    }
  | { readonly type: 'ReleaseInventory'; readonly orderId: string }
  | { readonly type: 'CommitReservation'; readonly orderId: string };

/** A choreographed order is reserved without a command, and its customer is announced with the result. */
export type OrderStockCommand =
  (ReserveInventory & { readonly customerId?: string }) | ReleaseInventory | CommitReservation;

type ReservationRejection = 'nothing_reserved' | 'already_committed' | 'line_missing';

/**
 * The units that inventory holds for one order. Once it is `released`, even if it held nothing, a
 * reservation that arrives late is refused.
 */
export type Reservation =
  | { readonly status: 'none' }
  | { readonly status: 'reserved'; readonly lines: readonly OrderLine[] }
  | { readonly status: 'failed' }
  | { readonly status: 'released' }
  | { readonly status: 'committed'; readonly lines: readonly OrderLine[] };

const initialState: Reservation = { status: 'none' };

export const reservation: Decider<ReservationCommand, ReservationEvent, Reservation, ReservationRejection> = {
  initialState,

  decide(command, state) {
    switch (command.type) {
      case 'ReserveInventory':
        return reserve(command, state);
      case 'ReleaseInventory':
        return release(command.orderId, state);
      case 'CommitReservation':
        return commit(command.orderId, state);
      default:
        return assertNever(command);
    }
  },

  evolve,
};

/**
 * Decides on the reservation and the stock of every SKU that the command names. The decision of the
 * reservation determines which units move.
 */
export function decideOrderStock(
  command: OrderStockCommand,
  { reservation: held, stock }: OrderStock,
): OrderStockDecision | Rejected<ReservationRejection> {
  const decided = reservation.decide(
    command.type === 'ReserveInventory'
      ? { ...command, missing: missingFrom(stock, command.lines) }
      : command,
    held,
  );
  if (isRejected(decided)) return decided;
  const moves = decided.flatMap(movesOf);
  const unnamed = moves.find(({ sku }) => !stock.has(sku));
  if (unnamed !== undefined) return rejected('line_missing', { sku: unnamed.sku });
  return { events: { reservation: decided, stock: new Map(moves.map((move) => [move.sku, [move]])) } };
}

/**
 * Reserves every line or none. A command that is repeated, or that comes after its release, changes
 * nothing.
 */
function reserve(
  { orderId, lines, customerId, missing }: Extract<ReservationCommand, { type: 'ReserveInventory' }>,
  state: Reservation,
): readonly ReservationEvent[] {
  if (state.status !== 'none') return [];
  return missing.length > 0
    ? [{ type: 'InventoryReserveFailed', orderId, reason: 'out_of_stock', missing }]
    : [{ type: 'InventoryReserved', orderId, lines, ...(customerId !== undefined && { customerId }) }];
}

/**
 * Records a release even if nothing was held, so that a reservation that arrives late is refused.
 */
function release(
  orderId: string,
  state: Reservation,
): readonly ReservationEvent[] | Rejected<ReservationRejection> {
  switch (state.status) {
    case 'reserved':
      return [{ type: 'InventoryReleased', orderId, lines: state.lines }];
    case 'none':
    case 'failed':
      return [{ type: 'InventoryReleased', orderId, lines: [] }];
    case 'released':
      return [];
    case 'committed':
      return rejected('already_committed', { orderId });
    default:
      return assertNever(state);
  }
}

/** Ships the held units once the order is complete. */
function commit(
  orderId: string,
  state: Reservation,
): readonly ReservationEvent[] | Rejected<ReservationRejection> {
  switch (state.status) {
    case 'reserved':
      return [{ type: 'ReservationCommitted', orderId, lines: state.lines }];
    case 'committed':
      return [];
    case 'none':
    case 'failed':
    case 'released':
      return rejected('nothing_reserved', { orderId, status: state.status });
    default:
      return assertNever(state);
  }
}

const missingFrom = (stock: ReadonlyMap<string, Stock>, lines: readonly OrderLine[]): readonly string[] =>
  lines.filter(({ sku, quantity }) => available(stock.get(sku)) < quantity).map(({ sku }) => sku);

const available = (stock: Stock | undefined): number => (stock?.status === 'defined' ? stock.onHand : 0);

function movesOf(event: ReservationEvent): readonly StockEvent[] {
  const { orderId } = event;
  switch (event.type) {
    case 'InventoryReserved':
      return event.lines.map((line) => ({ type: 'StockReserved', orderId, ...line }));
    case 'InventoryReleased':
      return event.lines.map((line) => ({ type: 'StockReleased', orderId, ...line }));
    case 'ReservationCommitted':
      return event.lines.map((line) => ({ type: 'StockShipped', orderId, ...line }));
    case 'InventoryReserveFailed':
      return [];
    default:
      return assertNever(event);
  }
}

function evolve(_state: Reservation, event: ReservationEvent): Reservation {
  switch (event.type) {
    case 'InventoryReserved':
      return { status: 'reserved', lines: event.lines };
    case 'InventoryReserveFailed':
      return { status: 'failed' };
    case 'InventoryReleased':
      return { status: 'released' };
    case 'ReservationCommitted':
      return { status: 'committed', lines: event.lines };
    default:
      return assertNever(event);
  }
}
