import type { ShippingAddress } from '@millrace/contracts';
import { assertNever, type CallIntent } from '@millrace/event-sourcing';
import type { CarrierCall } from '../domain/shipment.ts';

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

/** Stable keys, `saga:step` and its undo: the carrier knows a repetition by them. */
export const bookingKey = (orderId: string): string => `${orderId}:ship`;
export const orderOfBooking = (key: string): string => key.slice(0, -':ship'.length);
const cancellationKey = (orderId: string): string => `${orderId}:ship:undo`;
const deliveryKey = (orderId: string): string => `${orderId}:delivery`;

/** The request that a call of the domain becomes. */
export function carrierCall(call: CarrierCall): CallIntent {
  const { orderId } = call;
  switch (call.type) {
    case 'BookShipment': {
      const payload: BookingPayload = { orderId, address: call.address };
      return { kind: bookingKind, key: bookingKey(orderId), payload };
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
