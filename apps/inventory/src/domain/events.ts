import type { CancellationReason, Money, OrderLine, ReturnReason } from '@millrace/contracts';
import { declareEvents, firstVersion } from '@millrace/event-sourcing';

export type StockEvent =
  | { readonly type: 'ProductDefined'; readonly sku: string; readonly name: string; readonly price: Money }
  | { readonly type: 'ProductPriceChanged'; readonly sku: string; readonly price: Money }
  | { readonly type: 'StockReceived'; readonly sku: string; readonly quantity: number }
  | {
      readonly type: 'StockReserved';
      readonly sku: string;
      readonly orderId: string;
      readonly quantity: number;
    }
  | {
      readonly type: 'StockReleased';
      readonly sku: string;
      readonly orderId: string;
      readonly quantity: number;
    }
  | {
      readonly type: 'StockShipped';
      readonly sku: string;
      readonly orderId: string;
      readonly quantity: number;
    }
  | {
      readonly type: 'StockReturned';
      readonly sku: string;
      readonly orderId: string;
      readonly quantity: number;
    }
  | {
      readonly type: 'StockSentBack';
      readonly sku: string;
      readonly orderId: string;
      readonly quantity: number;
    }
  | {
      readonly type: 'StockRestocked';
      readonly sku: string;
      readonly orderId: string;
      readonly quantity: number;
    };

export type ReservationEvent =
  | {
      readonly type: 'InventoryReserved';
      readonly orderId: string;
      readonly lines: readonly OrderLine[];
      /** The customer of a choreographed order. */
      readonly customerId?: string;
    }
  | {
      readonly type: 'InventoryReserveFailed';
      readonly orderId: string;
      readonly reason: CancellationReason;
      readonly missing: readonly string[];
    }
  | { readonly type: 'InventoryReleased'; readonly orderId: string; readonly lines: readonly OrderLine[] }
  | { readonly type: 'ReservationCommitted'; readonly orderId: string; readonly lines: readonly OrderLine[] };

export type ReturnEvent =
  | { readonly type: 'ReturnReceived'; readonly orderId: string; readonly lines: readonly OrderLine[] }
  | { readonly type: 'ReturnRefused'; readonly orderId: string; readonly reason: ReturnReason }
  | { readonly type: 'ReturnSentBack'; readonly orderId: string; readonly lines: readonly OrderLine[] }
  | { readonly type: 'ReturnRestocked'; readonly orderId: string; readonly lines: readonly OrderLine[] };

export const stockEventTypes = declareEvents<StockEvent>({
  ProductDefined: firstVersion,
  ProductPriceChanged: firstVersion,
  StockReceived: firstVersion,
  StockReserved: firstVersion,
  StockReleased: firstVersion,
  StockShipped: firstVersion,
  StockReturned: firstVersion,
  StockSentBack: firstVersion,
  StockRestocked: firstVersion,
});

export const reservationEventTypes = declareEvents<ReservationEvent>({
  InventoryReserved: firstVersion,
  InventoryReserveFailed: firstVersion,
  InventoryReleased: firstVersion,
  ReservationCommitted: firstVersion,
});

export const returnEventTypes = declareEvents<ReturnEvent>({
  ReturnReceived: firstVersion,
  ReturnRefused: firstVersion,
  ReturnSentBack: firstVersion,
  ReturnRestocked: firstVersion,
});
