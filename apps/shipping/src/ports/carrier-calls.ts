import type { ShippingAddress } from '@millrace/contracts';
import { assertNever, type CallIntent } from '@millrace/event-sourcing';
import type { CarrierCall } from '../domain/shipment.ts';

/** The request's row holds the address and is deleted once the carrier has answered. */
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

/** Stable keys of the booking and of its undo, by which the carrier recognises a repetition. */
export const bookingKey = (orderId: string): string => `${orderId}:ship`;
export const orderOfBooking = (key: string): string => key.slice(0, -':ship'.length);
const cancellationKey = (orderId: string): string => `${orderId}:ship:undo`;
const deliveryKey = (orderId: string): string => `${orderId}:delivery`;

/** Turns a call that the domain has decided on into a request to store. */
export function carrierCall(call: CarrierCall): CallIntent {
  const { orderId } = call;
  switch (call.type) {
    case 'BookShipment': {
      const payload: BookingPayload = { orderId, address: call.address };
      return { kind: bookingKind, key: bookingKey(orderId), subject: call.customerId, payload };
    }
    case 'CancelBooking':
      return {
        kind: cancellationKind,
        key: cancellationKey(orderId),
        payload: { orderId } satisfies CarrierPayload,
      };
    case 'DeliverShipment':
      return {
        kind: deliveryKind,
        key: deliveryKey(orderId),
        payload: { orderId } satisfies CarrierPayload,
      };
    default:
      return assertNever(call);
  }
}
