import type { OrderLine } from '@millrace/contracts';

/** The private stream of one SKU. */
export const stockStream = (sku: string): string => `stock-${sku}`;

/** The streams of all SKUs of an order, by SKU. */
export const stockStreams = (lines: readonly OrderLine[]): ReadonlyMap<string, string> =>
  new Map(lines.map(({ sku }) => [sku, stockStream(sku)]));

/** The private stream of one order's return. */
export const returnStream = (orderId: string): string => `return-${orderId}`;

/** The private stream of one order's reservation. */
export const reservationStream = (orderId: string): string => `reservation-${orderId}`;
