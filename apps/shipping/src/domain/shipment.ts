import type { ShippingAddress } from '@millrace/contracts';
import { assertNever } from '@millrace/event-sourcing';
import type { ShipmentEvent } from './events.ts';

export type ShipmentCommand =
  | {
      readonly type: 'ScheduleShipment';
      readonly orderId: string;
      /** Absent in commands of earlier releases. */
      readonly customerId?: string;
      readonly address: ShippingAddress;
    }
  | { readonly type: 'CancelShipment'; readonly orderId: string; readonly commandId: string }
  | { readonly type: 'RecordBooking'; readonly orderId: string; readonly outcome: 'booked' | 'refused' }
  | { readonly type: 'RecordBookingCancelled'; readonly orderId: string }
  | { readonly type: 'Dispatch'; readonly orderId: string }
  | { readonly type: 'RecordDelivery'; readonly orderId: string };

export type ShipmentRejection = 'already_dispatched' | 'not_scheduled';

/** A request to the carrier. */
export type CarrierCall =
  | {
      readonly type: 'BookShipment';
      readonly orderId: string;
      readonly customerId?: string;
      readonly address: ShippingAddress;
    }
  | { readonly type: 'CancelBooking'; readonly orderId: string }
  | { readonly type: 'DeliverShipment'; readonly orderId: string };

/**
 * In `booking` and `cancelling` the shipment waits for the carrier. `cancelledBy` is the id of the
 * command that the answer belongs to. After `cancelled`, even without a booking before it, a late
 * ScheduleShipment changes nothing.
 */
export type Shipment =
  | { readonly status: 'none' }
  | { readonly status: 'booking'; readonly cancelledBy: string | undefined }
  | { readonly status: 'scheduled' }
  | { readonly status: 'refused' }
  | { readonly status: 'cancelling' }
  | { readonly status: 'cancelled' }
  | { readonly status: 'dispatched' }
  | { readonly status: 'delivered' };

export const initialState: Shipment = { status: 'none' };

export function evolve(state: Shipment, event: ShipmentEvent): Shipment {
  switch (event.type) {
    case 'BookingRequested':
      return { status: 'booking', cancelledBy: undefined };
    case 'ShipmentScheduled':
      return { status: 'scheduled' };
    case 'ShipmentFailed':
      return { status: 'refused' };
    case 'ShipmentCancellationRequested':
      return state.status === 'booking' ? { ...state, cancelledBy: event.commandId } : state;
    case 'BookingCancellationRequested':
      return { status: 'cancelling' };
    case 'ShipmentCancelled':
      return { status: 'cancelled' };
    case 'ShipmentDispatched':
      return { status: 'dispatched' };
    case 'ShipmentDelivered':
      return { status: 'delivered' };
    default:
      return assertNever(event);
  }
}
