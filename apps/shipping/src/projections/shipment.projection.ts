import { inlineProjection } from '@millrace/read-models';
import type { ShipmentEvent } from '../domain/events.ts';
import { Shipment } from './shipment.entity.ts';

export const shipmentProjection = inlineProjection(Shipment).of<ShipmentEvent>({
  ShipmentScheduled: (_, { at }) => ({ status: 'scheduled', updatedAt: at }),
  ShipmentFailed: (_, { at }) => ({ status: 'refused', updatedAt: at }),
  ShipmentCancelled: (_, { at }) => ({ status: 'cancelled', updatedAt: at }),
  ShipmentDispatched: (_, { at }) => ({ status: 'dispatched', updatedAt: at }),
  ShipmentDelivered: (_, { at }) => ({ status: 'delivered', updatedAt: at }),
});
