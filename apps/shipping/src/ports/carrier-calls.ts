import type { ShippingAddress } from '@millrace/contracts';
import type { EventMetadata } from '@millrace/event-sourcing';
import type { ExternalCall } from '@millrace/streaming-core/external-calls';
import type { ShipmentEvent } from '../domain/shipment.ts';

/** The row with the address is deleted with the carrier's answer. */
export interface BookingPayload {
  readonly orderId: string;
  readonly address: ShippingAddress;
}

export interface CarrierPayload {
  readonly orderId: string;
}

export const bookingKind = 'carrier-booking';
export const cancellationKind = 'carrier-cancellation';
export const deliveryKind = 'carrier-delivery';

/** Stable keys, `saga:step` and its undo (DESIGN 3.5): the carrier knows a repetition by them. */
export const bookingKey = (orderId: string): string => `${orderId}:ship`;
const cancellationKey = (orderId: string): string => `${orderId}:ship:undo`;
const deliveryKey = (orderId: string): string => `${orderId}:delivery`;

/** What an event has us ask of the carrier. */
export function carrierCall(event: ShipmentEvent, metadata: EventMetadata): ExternalCall | undefined {
  const { orderId } = event;
  switch (event.type) {
    case 'BookingRequested':
      return {
        kind: bookingKind,
        key: bookingKey(orderId),
        payload: { orderId, address: event.personal.address } satisfies BookingPayload,
        metadata,
      };
    case 'BookingCancellationRequested':
      return {
        kind: cancellationKind,
        key: cancellationKey(orderId),
        payload: { orderId } satisfies CarrierPayload,
        metadata,
      };
    case 'ShipmentDispatched':
      return {
        kind: deliveryKind,
        key: deliveryKey(orderId),
        payload: { orderId } satisfies CarrierPayload,
        metadata,
      };
    default:
      return undefined;
  }
}
