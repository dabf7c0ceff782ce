import type { CancellationReason, OrderLine } from '@millrace/contracts';
import { assertNever } from '@millrace/event-sourcing';

/** What inventory holds for one order. `released` without lines is also the marker that refuses a reservation that comes too late. */
export type Reservation =
  | { readonly status: 'none' }
  | { readonly status: 'reserved'; readonly lines: readonly OrderLine[] }
  | { readonly status: 'failed' }
  | { readonly status: 'released' }
  | { readonly status: 'committed' };

export type ReservationEvent =
  | { readonly type: 'InventoryReserved'; readonly orderId: string; readonly lines: readonly OrderLine[] }
  | {
      readonly type: 'InventoryReserveFailed';
      readonly orderId: string;
      readonly reason: CancellationReason;
      readonly missing: readonly string[];
    }
  | { readonly type: 'InventoryReleased'; readonly orderId: string; readonly lines: readonly OrderLine[] }
  | { readonly type: 'ReservationCommitted'; readonly orderId: string; readonly lines: readonly OrderLine[] };

export const noReservation: Reservation = { status: 'none' };

export function evolveReservation(_state: Reservation, event: ReservationEvent): Reservation {
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
