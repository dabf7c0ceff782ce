import { shippingEvents } from '@millrace/contracts';
import { assertNever, toPublic, type PublicMessage } from '@millrace/event-sourcing';
import type { ShipmentEvent } from './domain/events.ts';

/** Returns the public messages for a private event. Requests to the carrier stay private. */
export function publicMessages(event: ShipmentEvent): readonly PublicMessage[] {
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
    case 'BookingRequested':
    case 'ShipmentCancellationRequested':
    case 'BookingCancellationRequested':
      return [];
    default:
      return assertNever(event);
  }
}
