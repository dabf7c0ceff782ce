import type { OrderLine } from '@millrace/contracts';
import { rejected, type Rejected } from '@millrace/event-sourcing';
import type { Reservation, ReservationEvent } from './reservation.ts';
import type { Stock, StockEvent } from './stock.ts';

export interface ReservationCommand {
  readonly orderId: string;
  readonly lines: readonly OrderLine[];
}

/** One decision over several streams: what to append to the reservation and to each SKU's stock, all or nothing. */
export interface ReservationDecision {
  readonly reservation: readonly ReservationEvent[];
  readonly stock: readonly StockEvent[];
}

export type ReservationRejection = 'nothing_reserved' | 'already_committed';

const nothingNew: ReservationDecision = { reservation: [], stock: [] };

/** Every line or none. A repeated command, and one that comes after its release, changes nothing. */
export function reserve(
  { orderId, lines }: ReservationCommand,
  reservation: Reservation,
  stockOf: (sku: string) => Stock,
): ReservationDecision {
  if (reservation.status !== 'none') return nothingNew;
  const missing = lines
    .filter(({ sku, quantity }) => available(stockOf(sku)) < quantity)
    .map(({ sku }) => sku);
  if (missing.length > 0)
    return {
      reservation: [{ type: 'InventoryReserveFailed', orderId, reason: 'out_of_stock', missing }],
      stock: [],
    };
  return {
    reservation: [{ type: 'InventoryReserved', orderId, lines }],
    stock: lines.map((line) => ({ type: 'StockReserved', orderId, ...line })),
  };
}

/** Always answered, also when nothing was held: that answer is the marker that refuses a late reservation. */
export function release(
  { orderId }: ReservationCommand,
  reservation: Reservation,
): ReservationDecision | Rejected<ReservationRejection> {
  switch (reservation.status) {
    case 'reserved':
      return {
        reservation: [{ type: 'InventoryReleased', orderId, lines: reservation.lines }],
        stock: reservation.lines.map((line) => ({ type: 'StockReleased', orderId, ...line })),
      };
    case 'none':
    case 'failed':
      return { reservation: [{ type: 'InventoryReleased', orderId, lines: [] }], stock: [] };
    case 'released':
      return nothingNew;
    case 'committed':
      return rejected('already_committed', { orderId });
  }
}

/** The order is complete: what was held leaves the house. */
export function commit(
  { orderId }: ReservationCommand,
  reservation: Reservation,
): ReservationDecision | Rejected<ReservationRejection> {
  switch (reservation.status) {
    case 'reserved':
      return {
        reservation: [{ type: 'ReservationCommitted', orderId, lines: reservation.lines }],
        stock: reservation.lines.map((line) => ({ type: 'StockShipped', orderId, ...line })),
      };
    case 'committed':
      return nothingNew;
    case 'none':
    case 'failed':
    case 'released':
      return rejected('nothing_reserved', { orderId, status: reservation.status });
  }
}

const available = (stock: Stock): number => (stock.status === 'defined' ? stock.onHand : 0);
