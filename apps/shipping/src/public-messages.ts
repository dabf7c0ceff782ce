import { shippingEvents } from '@millrace/contracts';
import { assertNever, toPublic, type PublicMessage } from '@millrace/event-sourcing';
import type { ReturnLabelEvent, ShipmentEvent } from './domain/events.ts';

/** Returns the public messages for a private event. Requests to the carrier stay private. */
export function publicMessages(event: ShipmentEvent | ReturnLabelEvent): readonly PublicMessage[] {
  const { orderId } = event;
  switch (event.type) {
    case 'ShipmentScheduled':
      return [toPublic(shippingEvents.ShipmentScheduled, { orderId })];
    case 'ShipmentFailed':
      return [toPublic(shippingEvents.ShipmentFailed, { orderId, reason: event.reason })];
    case 'ShipmentCancelled':
      return [toPublic(shippingEvents.ShipmentCancelled, { orderId })];
    case 'ShipmentDispatched':
      return [toPublic(shippingEvents.ShipmentDispatched, { orderId })];
    case 'ShipmentDelivered':
      return [toPublic(shippingEvents.ShipmentDelivered, { orderId })];
    case 'ReturnLabelMade':
      return [toPublic(shippingEvents.ReturnLabelMade, { orderId, trackingNumber: event.trackingNumber })];
    case 'ReturnLabelRefused':
      return [toPublic(shippingEvents.ReturnLabelRefused, { orderId, reason: event.reason })];
    case 'ReturnLabelVoided':
      return [toPublic(shippingEvents.ReturnLabelVoided, { orderId })];
    case 'ReturnParcelReceived':
      return [toPublic(shippingEvents.ReturnParcelReceived, { orderId, receivedAt: event.receivedAt })];
    case 'BookingRequested':
    case 'ShipmentCancellationRequested':
    case 'BookingCancellationRequested':
    case 'ReturnLabelRequested':
    case 'ReturnLabelVoidRequested':
    case 'CarrierVoidRequested':
      return [];
    default:
      return assertNever(event);
  }
}
