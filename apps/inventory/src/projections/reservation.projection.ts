import { inlineProjection } from '@millrace/read-models';
import type { ReservationEvent } from '../domain/events.ts';
import { Reservation } from './reservation.entity.ts';

export const reservationProjection = inlineProjection(Reservation).of<ReservationEvent>({
  InventoryReserved: ({ lines }, { at }) => ({ status: 'reserved', lines: [...lines], updatedAt: at }),
  InventoryReserveFailed: (_, { at }) => ({ status: 'failed', lines: [], updatedAt: at }),
  InventoryReleased: ({ lines }, { at }) => ({ status: 'released', lines: [...lines], updatedAt: at }),
  ReservationCommitted: (_, { at }) => ({ status: 'committed', updatedAt: at }),
});
