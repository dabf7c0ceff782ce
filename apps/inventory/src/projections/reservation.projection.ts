import { inlineProjection } from '@millrace/service-chassis/service';
import type { ReservationEvent } from '../domain/reservation.ts';
import { ReservationRow } from './reservation.entity.ts';

/** What is held for each order; `lines` of a released reservation are those that were given back. */
export const reservations = inlineProjection<ReservationEvent>()(
  'reservation',
  { version: 1, entity: ReservationRow },
  {
    InventoryReserved: ({ orderId, lines }, { insert, recorded }) =>
      insert({ orderId, status: 'reserved', lines, updatedAt: recorded.recordedAt }),
    InventoryReserveFailed: ({ orderId }, { insert, recorded }) =>
      insert({ orderId, status: 'failed', lines: [], updatedAt: recorded.recordedAt }),
    InventoryReleased: ({ orderId, lines }, { upsert, recorded }) =>
      upsert({ orderId, status: 'released', lines, updatedAt: recorded.recordedAt }),
    ReservationCommitted: ({ orderId }, { update, recorded }) =>
      update(orderId, { status: 'committed', updatedAt: recorded.recordedAt }),
  },
);
