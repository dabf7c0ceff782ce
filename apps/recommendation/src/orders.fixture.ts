import { orderEvents, type OrderEvent } from '@millrace/contracts';

/** An order of one of each of these products. */
export const placed = (number: number, customerId: string, ...skus: readonly string[]): OrderEvent =>
  orderEvents.OrderCreated({
    orderId: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    customerId,
    lines: skus.map((sku) => ({ sku, quantity: 1, unitPrice: 5_00 })),
    total: { amount: skus.length * 5_00, currency: 'EUR' },
    placedAt: '2026-01-30T09:00:00.000Z',
  });

/** Ada has bought a lamp. Others have bought a bulb with it, and one of them a shade. */
export const orders: readonly OrderEvent[] = [
  placed(1, 'ada', 'lamp'),
  placed(2, 'bob', 'lamp', 'bulb'),
  placed(3, 'cleo', 'lamp', 'shade', 'bulb'),
];
