import type { CancellationReason, ShippingAddress } from '@millrace/contracts';
import { assertNever, rejected, type Decider } from '@millrace/event-sourcing';

/** An address is personal: it stands apart in the one event that needs it. */
export interface ShipmentPersonal extends Readonly<Record<string, unknown>> {
  readonly address: ShippingAddress;
}

/**
 * `booking` and `cancelling` wait for the carrier. `commandId` is the command that the answer will belong to. `cancelled` without
 * a booking before it is the marker that refuses a late ScheduleShipment.
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

export type ShipmentEvent =
  | { readonly type: 'BookingRequested'; readonly orderId: string; readonly personal: ShipmentPersonal }
  | { readonly type: 'ShipmentScheduled'; readonly orderId: string }
  | { readonly type: 'ShipmentFailed'; readonly orderId: string; readonly reason: CancellationReason }
  | { readonly type: 'ShipmentCancellationRequested'; readonly orderId: string; readonly commandId: string }
  | { readonly type: 'BookingCancellationRequested'; readonly orderId: string }
  | { readonly type: 'ShipmentCancelled'; readonly orderId: string }
  | { readonly type: 'ShipmentDispatched'; readonly orderId: string }
  | { readonly type: 'ShipmentDelivered'; readonly orderId: string };

export type ShipmentCommand =
  | { readonly type: 'ScheduleShipment'; readonly orderId: string; readonly address: ShippingAddress }
  | { readonly type: 'CancelShipment'; readonly orderId: string; readonly commandId: string }
  | { readonly type: 'RecordBooking'; readonly orderId: string; readonly outcome: 'booked' | 'refused' }
  | { readonly type: 'RecordBookingCancelled'; readonly orderId: string }
  | { readonly type: 'Dispatch'; readonly orderId: string }
  | { readonly type: 'RecordDelivery'; readonly orderId: string };

export type ShipmentRejection = 'already_dispatched' | 'not_scheduled';

export const shipment: Decider<ShipmentCommand, ShipmentEvent, Shipment, ShipmentRejection> = {
  initialState: { status: 'none' },

  decide(command, state) {
    const { orderId } = command;
    switch (command.type) {
      case 'ScheduleShipment':
        return state.status === 'none'
          ? [{ type: 'BookingRequested', orderId, personal: { address: command.address } }]
          : [];
      case 'RecordBooking':
        return recordBooking(command, state);
      case 'CancelShipment':
        return cancel(command, state);
      case 'RecordBookingCancelled':
        return state.status === 'cancelling' ? [{ type: 'ShipmentCancelled', orderId }] : [];
      case 'Dispatch':
        if (state.status === 'dispatched' || state.status === 'delivered') return [];
        return state.status === 'scheduled'
          ? [{ type: 'ShipmentDispatched', orderId }]
          : rejected('not_scheduled', { status: state.status });
      case 'RecordDelivery':
        return state.status === 'dispatched' ? [{ type: 'ShipmentDelivered', orderId }] : [];
      default:
        return assertNever(command);
    }
  },

  evolve(state, event) {
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
  },
};

/** The carrier has answered. Where the order was cancelled meanwhile, only the cancellation is answered, never the booking. */
function recordBooking(
  { orderId, outcome }: Extract<ShipmentCommand, { type: 'RecordBooking' }>,
  state: Shipment,
): readonly ShipmentEvent[] {
  if (state.status !== 'booking') return [];
  if (state.cancelledBy !== undefined)
    return outcome === 'booked'
      ? [{ type: 'BookingCancellationRequested', orderId }]
      : [{ type: 'ShipmentCancelled', orderId }];
  return outcome === 'booked'
    ? [{ type: 'ShipmentScheduled', orderId }]
    : [{ type: 'ShipmentFailed', orderId, reason: 'address_refused' }];
}

function cancel(
  { orderId, commandId }: Extract<ShipmentCommand, { type: 'CancelShipment' }>,
  state: Shipment,
): readonly ShipmentEvent[] | ReturnType<typeof rejected<'already_dispatched'>> {
  switch (state.status) {
    case 'none':
    case 'refused':
      return [{ type: 'ShipmentCancelled', orderId }];
    case 'booking':
      return state.cancelledBy === undefined
        ? [{ type: 'ShipmentCancellationRequested', orderId, commandId }]
        : [];
    case 'scheduled':
      return [{ type: 'BookingCancellationRequested', orderId }];
    case 'cancelling':
    case 'cancelled':
      return [];
    case 'dispatched':
    case 'delivered':
      return rejected('already_dispatched', { status: state.status });
    default:
      return assertNever(state);
  }
}
