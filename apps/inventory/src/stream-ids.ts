import type { OrderLine } from '@millrace/contracts';
import { reservation } from './domain/reservation.ts';
import { stock } from './domain/stock.ts';

/** The private stream of one SKU. */
export const stockStream = (sku: string): string => `stock-${sku}`;

/** The streams of all SKUs of an order, by SKU. */
export const stockStreams = (lines: readonly OrderLine[]): ReadonlyMap<string, string> =>
  new Map(lines.map(({ sku }) => [sku, stockStream(sku)]));

/** The private stream of one order's return. */
export const returnStream = (orderId: string): string => `return-${orderId}`;

/** The private stream of one order's reservation. */
export const reservationStream = (orderId: string): string => `reservation-${orderId}`;

interface Ordered {
  readonly orderId: string;
  readonly lines: readonly OrderLine[];
}

/** The streams of the order's reservation and of the SKU of each line. */
export const streamsOfOrder = ({ orderId, lines }: Ordered) =>
  ({ reservation: [reservation, reservationStream(orderId)], stock: [stock, stockStreams(lines)] }) as const;
