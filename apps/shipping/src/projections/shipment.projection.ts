import { fields } from '@millrace/contracts';
import { inlineProjection, readModel } from '@millrace/service-chassis/service';
import { z } from 'zod';
import type { ShipmentEvent } from '../domain/events.ts';

/** An order's shipment, once the carrier has answered or the shipment was cancelled. */
export const shipment = readModel({
  table: 'shipment',
  key: 'orderId',
  hidden: ['updatedAt'],
  fields: {
    orderId: fields.orderId,
    status: z.enum(['scheduled', 'dispatched', 'delivered', 'cancelled', 'refused']),
    updatedAt: z.iso.datetime(),
  },
});

export const shipmentProjection = inlineProjection(shipment).of<ShipmentEvent>({
  ShipmentScheduled: (_, { at }) => ({ status: 'scheduled', updatedAt: at }),
  ShipmentFailed: (_, { at }) => ({ status: 'refused', updatedAt: at }),
  ShipmentCancelled: (_, { at }) => ({ status: 'cancelled', updatedAt: at }),
  ShipmentDispatched: (_, { at }) => ({ status: 'dispatched', updatedAt: at }),
  ShipmentDelivered: (_, { at }) => ({ status: 'delivered', updatedAt: at }),
});
