import type { CancellationReason, ReturnReason, ShippingAddress } from '@millrace/contracts';
import { declareEvents, firstVersion, type Erased, type PersonalPart } from '@millrace/event-sourcing';

/** The address. It is personal data, so it is stored apart in the one event that needs it. */
interface ShipmentPersonal extends PersonalPart {
  readonly address: ShippingAddress;
}

export type ShipmentEvent =
  | {
      readonly type: 'BookingRequested';
      readonly orderId: string;
      readonly personal: ShipmentPersonal | Erased;
    }
  | { readonly type: 'ShipmentScheduled'; readonly orderId: string }
  | { readonly type: 'ShipmentFailed'; readonly orderId: string; readonly reason: CancellationReason }
  | { readonly type: 'ShipmentCancellationRequested'; readonly orderId: string; readonly commandId: string }
  | { readonly type: 'BookingCancellationRequested'; readonly orderId: string }
  | { readonly type: 'ShipmentCancelled'; readonly orderId: string }
  | { readonly type: 'ShipmentDispatched'; readonly orderId: string }
  | { readonly type: 'ShipmentDelivered'; readonly orderId: string };

export type ReturnLabelEvent =
  | { readonly type: 'ReturnLabelRequested'; readonly orderId: string }
  | { readonly type: 'ReturnLabelMade'; readonly orderId: string; readonly trackingNumber: string }
  | { readonly type: 'ReturnLabelRefused'; readonly orderId: string; readonly reason: ReturnReason }
  | { readonly type: 'ReturnLabelVoidRequested'; readonly orderId: string; readonly commandId: string }
  | { readonly type: 'CarrierVoidRequested'; readonly orderId: string }
  | { readonly type: 'ReturnLabelVoided'; readonly orderId: string }
  | { readonly type: 'ReturnParcelReceived'; readonly orderId: string; readonly receivedAt: string };

export const shipmentEventTypes = declareEvents<ShipmentEvent>({
  BookingRequested: firstVersion,
  ShipmentScheduled: firstVersion,
  ShipmentFailed: firstVersion,
  ShipmentCancellationRequested: firstVersion,
  BookingCancellationRequested: firstVersion,
  ShipmentCancelled: firstVersion,
  ShipmentDispatched: firstVersion,
  ShipmentDelivered: firstVersion,
});

export const returnLabelEventTypes = declareEvents<ReturnLabelEvent>({
  ReturnLabelRequested: firstVersion,
  ReturnLabelMade: firstVersion,
  ReturnLabelRefused: firstVersion,
  ReturnLabelVoidRequested: firstVersion,
  CarrierVoidRequested: firstVersion,
  ReturnLabelVoided: firstVersion,
  ReturnParcelReceived: firstVersion,
});
