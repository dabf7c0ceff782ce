/** The private stream of one order. */
export const orderStream = (orderId: string): string => `order-${orderId}`;
/** The private stream of the return of an order. */
export const returnStream = (orderId: string): string => `return-${orderId}`;
