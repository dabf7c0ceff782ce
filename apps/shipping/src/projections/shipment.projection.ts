import { inlineProjection } from '@millrace/service-chassis/service';
import type { ShipmentEvent } from '../domain/shipment.ts';
import { ShipmentRow } from './shipment.entity.ts';

/** One row per order from the carrier's first answer on. */
export const shipments = inlineProjection<ShipmentEvent>()(
  'shipment',
  { version: 1, entity: ShipmentRow },
  {
    ShipmentScheduled: ({ orderId }, { upsert, recorded }) =>
      upsert({ orderId, status: 'scheduled', updatedAt: recorded.recordedAt }),
    ShipmentFailed: ({ orderId }, { upsert, recorded }) =>
      upsert({ orderId, status: 'refused', updatedAt: recorded.recordedAt }),
    ShipmentCancelled: ({ orderId }, { upsert, recorded }) =>
      upsert({ orderId, status: 'cancelled', updatedAt: recorded.recordedAt }),
    ShipmentDispatched: ({ orderId }, { upsert, recorded }) =>
      upsert({ orderId, status: 'dispatched', updatedAt: recorded.recordedAt }),
    ShipmentDelivered: ({ orderId }, { upsert, recorded }) =>
      upsert({ orderId, status: 'delivered', updatedAt: recorded.recordedAt }),
  },
);
