import { orderEvents, type OrderEvent } from '@millrace/contracts';

const orderId = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** An order of two lamps and `number` mugs. */
export const placed = (number: number, day = '2026-01-30', currency: 'EUR' | 'USD' = 'EUR'): OrderEvent =>
  orderEvents.OrderCreated({
    orderId: orderId(number),
    customerId: 'ada',
    lines: [
      { sku: 'lamp', quantity: 2, unitPrice: 5_00 },
      { sku: 'mug', quantity: number, unitPrice: 1_00 },
    ],
    total: { amount: 20_00, currency },
    placedAt: `${day}T09:00:00.000Z`,
  });

export const completed = (number: number, day = '2026-01-30'): OrderEvent =>
  orderEvents.OrderCompleted({ orderId: orderId(number), completedAt: `${day}T10:00:00.000Z` });

export const cancelled = (number: number, day = '2026-01-30'): OrderEvent =>
  orderEvents.OrderCancelled({
    orderId: orderId(number),
    reason: 'out_of_stock',
    cancelledAt: `${day}T10:00:00.000Z`,
  });
