import { inventoryEvents, productEvents } from '@millrace/contracts';
import { assertNever, toPublic, type PublicMessage } from '@millrace/event-sourcing';
import type { ReservationEvent, ReturnEvent, StockEvent } from './domain/events.ts';

/**
 * Returns the public messages for a private event. The movements of single products stay private,
 * since the events of the order's reservation and return report them.
 */
export function publicMessages(event: StockEvent | ReservationEvent | ReturnEvent): readonly PublicMessage[] {
  switch (event.type) {
    case 'ProductDefined':
      return [
        toPublic(productEvents.ProductDefined, { sku: event.sku, name: event.name, price: event.price }),
      ];
    case 'ProductPriceChanged':
      return [toPublic(productEvents.ProductPriceChanged, { sku: event.sku, price: event.price })];
    case 'StockReceived':
      return [toPublic(productEvents.StockReceived, { sku: event.sku, quantity: event.quantity })];
    case 'InventoryReserved': {
      const { type: _type, lines, ...reserved } = event;
      return [toPublic(inventoryEvents.InventoryReserved, { ...reserved, lines: [...lines] })];
    }
    case 'InventoryReserveFailed':
      return [
        toPublic(inventoryEvents.InventoryReserveFailed, {
          orderId: event.orderId,
          reason: event.reason,
          missing: [...event.missing],
        }),
      ];
    case 'InventoryReleased':
      return [
        toPublic(inventoryEvents.InventoryReleased, { orderId: event.orderId, lines: [...event.lines] }),
      ];
    case 'ReservationCommitted':
      return [
        toPublic(inventoryEvents.ReservationCommitted, { orderId: event.orderId, lines: [...event.lines] }),
      ];
    case 'ReturnReceived':
      return [toPublic(inventoryEvents.ReturnReceived, { orderId: event.orderId, lines: [...event.lines] })];
    case 'ReturnRefused':
      return [toPublic(inventoryEvents.ReturnRefused, { orderId: event.orderId, reason: event.reason })];
    case 'ReturnSentBack':
      return [toPublic(inventoryEvents.ReturnSentBack, { orderId: event.orderId, lines: [...event.lines] })];
    case 'ReturnRestocked':
      return [toPublic(inventoryEvents.ReturnRestocked, { orderId: event.orderId, lines: [...event.lines] })];
    case 'StockReserved':
    case 'StockReleased':
    case 'StockShipped':
    case 'StockReturned':
    case 'StockSentBack':
    case 'StockRestocked':
      return [];
    default:
      return assertNever(event);
  }
}
