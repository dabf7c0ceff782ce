import type { ShippingAddress } from '@millrace/contracts';
import {
  assertNever,
  rejected,
  type Decider,
  type Rejected,
  type StreamDecision,
} from '@millrace/event-sourcing';
import type { ShipmentEvent } from './events.ts';

type Decision = StreamDecision<ShipmentEvent, CarrierCall>;

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

type ShipmentRejection = 'already_dispatched' | 'not_scheduled';

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

const initialState: Shipment = { status: 'none' };

export const shipment: Decider<ShipmentCommand, ShipmentEvent, Shipment, ShipmentRejection, CarrierCall> = {
  initialState,
  decide,
  evolve,
};

function decide(command: ShipmentCommand, state: Shipment): Decision | Rejected<ShipmentRejection> {
  const { orderId } = command;
  switch (command.type) {
    case 'ScheduleShipment':
      return state.status === 'none' ? book(command) : [];
    case 'RecordBooking':
      return recordBooking(command, state);
    case 'CancelShipment':
      return cancel(command, state);
    case 'RecordBookingCancelled':
      return state.status === 'cancelling' ? [{ type: 'ShipmentCancelled', orderId }] : [];
    case 'Dispatch':
      return dispatch(orderId, state);
    case 'RecordDelivery':
      return state.status === 'dispatched' ? [{ type: 'ShipmentDelivered', orderId }] : [];
    default:
      return assertNever(command);
  }
}

const book = ({
  orderId,
  customerId,
  address,
}: Extract<ShipmentCommand, { type: 'ScheduleShipment' }>): Decision => ({
  events: [{ type: 'BookingRequested', orderId, personal: { subject: customerId, address } }],
  calls: [{ type: 'BookShipment', orderId, customerId, address }],
});

const cancelBooking = (orderId: string) => ({
  events: [{ type: 'BookingCancellationRequested' as const, orderId }],
  calls: [{ type: 'CancelBooking' as const, orderId }],
});

/**
 * Records the carrier's answer to a booking. If the order was cancelled meanwhile, only the
 * cancellation is answered, never the booking, because the saga then waits for the answer to the
 * cancellation.
 */
function recordBooking(
  { orderId, outcome }: Extract<ShipmentCommand, { type: 'RecordBooking' }>,
  state: Shipment,
): Decision {
  if (state.status !== 'booking') return [];
  const answers = state.cancelledBy;
  if (answers !== undefined)
    return outcome === 'booked'
      ? { ...cancelBooking(orderId), answers }
      : { events: [{ type: 'ShipmentCancelled', orderId }], answers };
  return outcome === 'booked'
    ? [{ type: 'ShipmentScheduled', orderId }]
    : [{ type: 'ShipmentFailed', orderId, reason: 'address_refused' }];
}

function cancel(
  { orderId, commandId }: Extract<ShipmentCommand, { type: 'CancelShipment' }>,
  state: Shipment,
): Decision | Rejected<'already_dispatched'> {
  switch (state.status) {
    case 'none':
    case 'refused':
      return [{ type: 'ShipmentCancelled', orderId }];
    case 'booking':
      return state.cancelledBy === undefined
        ? [{ type: 'ShipmentCancellationRequested', orderId, commandId }]
        : [];
    case 'scheduled':
      return cancelBooking(orderId);
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

function dispatch(orderId: string, state: Shipment): Decision | Rejected<'not_scheduled'> {
  switch (state.status) {
    case 'scheduled':
      return {
        events: [{ type: 'ShipmentDispatched', orderId }],
        calls: [{ type: 'DeliverShipment', orderId }],
      };
    case 'dispatched':
    case 'delivered':
      return [];
    case 'none':
    case 'booking':
    case 'refused':
    case 'cancelling':
    case 'cancelled':
      return rejected('not_scheduled', { status: state.status });
    default:
      return assertNever(state);
  }
}

function evolve(state: Shipment, event: ShipmentEvent): Shipment {
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
