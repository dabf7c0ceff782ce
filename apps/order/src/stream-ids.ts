/** The private stream of one order. */
export const orderStream = (orderId: string): string => `order-${orderId}`;
