import { z } from 'zod';
import { days, personal, topic, type MessageOf } from '@millrace/streaming-core/contract';
import { customerId, orderId, reason, shippingAddress } from './fields.ts';

export const shippingCommands = topic(
  'shipping-commands',
  {
    key: 'orderId',
    partitions: 6,
    retention: days(7),
    personal: { holder: 'shipping', subject: 'customerId' },
  },
  {
    ScheduleShipment: z.strictObject({
      orderId,
      /** Absent in commands of earlier releases. */
      customerId: customerId.optional(),
      address: personal(shippingAddress),
    }),
    CancelShipment: z.strictObject({ orderId }),
  },
);

export const shippingEvents = topic(
  'shipping-events',
  { key: 'orderId', partitions: 6, retention: 'unlimited' },
  {
    ShipmentScheduled: z.strictObject({ orderId }),
    ShipmentFailed: z.strictObject({ orderId, reason }),
    /** The answer to every cancellation, even when nothing was scheduled. */
    ShipmentCancelled: z.strictObject({ orderId }),
    ShipmentDispatched: z.strictObject({ orderId }),
    ShipmentDelivered: z.strictObject({ orderId }),
  },
);

export type ScheduleShipment = MessageOf<typeof shippingCommands.ScheduleShipment>;
export type CancelShipment = MessageOf<typeof shippingCommands.CancelShipment>;
