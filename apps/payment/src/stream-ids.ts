/** Names of this service's streams. */
export const accountStream = (accountId: string): string => `account-${accountId}`;
export const paymentStream = (orderId: string): string => `payment-${orderId}`;
export const returnStream = (orderId: string): string => `return-${orderId}`;
