import { fields } from '@millrace/contracts';
import { inlineProjection, readModel } from '@millrace/service-chassis/service';
import { z } from 'zod';
import type { ReservationEvent } from '../domain/events.ts';

/** The units held for an order. The `lines` of a released reservation are those that it held. */
export const reservation = readModel({
  table: 'reservation',
  key: 'orderId',
  hidden: ['updatedAt'],
  fields: {
    orderId: fields.orderId,
    status: z.enum(['reserved', 'failed', 'released', 'committed']),
    lines: z.array(fields.orderLine),
    updatedAt: z.iso.datetime(),
  },
});

export const reservationProjection = inlineProjection(reservation).of<ReservationEvent>({
  InventoryReserved: ({ lines }, { at }) => ({ status: 'reserved', lines: [...lines], updatedAt: at }),
  InventoryReserveFailed: (_, { at }) => ({ status: 'failed', lines: [], updatedAt: at }),
  InventoryReleased: ({ lines }, { at }) => ({ status: 'released', lines: [...lines], updatedAt: at }),
  ReservationCommitted: (_, { at }) => ({ status: 'committed', updatedAt: at }),
});
