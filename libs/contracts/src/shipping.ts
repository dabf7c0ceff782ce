import { z } from 'zod';
import { days, personal, topic, type MessageOf } from '@millrace/streaming-core/contract';
import {
  customerId,
  instant,
  orderId,
  reason,
  returnReason,
  shippingAddress,
  trackingNumber,
} from './fields.ts';

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
    /** What shipping needs to send a choreographed order, which it does once it is paid. */
    ShippingDetails: z.strictObject({ orderId, customerId, address: personal(shippingAddress) }),
    MakeReturnLabel: z.strictObject({ orderId }),
    VoidReturnLabel: z.strictObject({ orderId }),
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
    ReturnLabelMade: z.strictObject({ orderId, trackingNumber }),
    ReturnLabelRefused: z.strictObject({ orderId, reason: returnReason }),
    /** The answer to every voiding, even when no label was made. */
    ReturnLabelVoided: z.strictObject({ orderId }),
    ReturnParcelReceived: z.strictObject({ orderId, receivedAt: instant }),
  },
);

export type ShippingDetails = MessageOf<typeof shippingCommands.ShippingDetails>;
export type ScheduleShipment = MessageOf<typeof shippingCommands.ScheduleShipment>;
export type CancelShipment = MessageOf<typeof shippingCommands.CancelShipment>;
export type MakeReturnLabel = MessageOf<typeof shippingCommands.MakeReturnLabel>;
export type VoidReturnLabel = MessageOf<typeof shippingCommands.VoidReturnLabel>;
