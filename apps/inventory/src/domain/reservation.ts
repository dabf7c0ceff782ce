import type { OrderLine } from '@millrace/contracts';
import { assertNever } from '@millrace/event-sourcing';
import type { ReservationEvent } from './events.ts';

export type ReservationCommand =
  | {
      readonly type: 'ReserveInventory';
      readonly orderId: string;
      readonly lines: readonly OrderLine[];
      /** SKUs with too few units on hand. */
      readonly missing: readonly string[];
    }
  | { readonly type: 'ReleaseInventory'; readonly orderId: string }
  | { readonly type: 'CommitReservation'; readonly orderId: string };

export type ReservationRejection = 'nothing_reserved' | 'already_committed' | 'line_missing';

/**
 * The units that inventory holds for one order. Once it is `released`, even if it held nothing, a
 * reservation that arrives late is refused.
 */
export type Reservation =
  | { readonly status: 'none' }
  | { readonly status: 'reserved'; readonly lines: readonly OrderLine[] }
  | { readonly status: 'failed' }
  | { readonly status: 'released' }
  | { readonly status: 'committed' };

export const initialState: Reservation = { status: 'none' };

export function evolve(_state: Reservation, event: ReservationEvent): Reservation {
  switch (event.type) {
    case 'InventoryReserved':
      return { status: 'reserved', lines: event.lines };
    case 'InventoryReserveFailed':
      return { status: 'failed' };
    case 'InventoryReleased':
      return { status: 'released' };
    case 'ReservationCommitted':
      return { status: 'committed' };
    default:
      return assertNever(event);
  }
}
