import { order } from '../domain/order.ts';
import { orderStream } from '../stream-ids.ts';
import { choreographyFolding } from './choreography.ts';

/** The private stream of what order has heard about a choreographed order. */
export const choreographyStream = (orderId: string): string => `choreography-${orderId}`;

/** That stream, and the order's own. */
export const streamsOf = (orderId: string) =>
  ({
    choreography: [choreographyFolding, choreographyStream(orderId)],
    order: [order, orderStream(orderId)],
  }) as const;
