import { account } from './domain/account.ts';
import { payment } from './domain/payment.ts';

/** Names of this service's streams. */
export const accountStream = (accountId: string): string => `account-${accountId}`;
export const paymentStream = (orderId: string): string => `payment-${orderId}`;
export const returnStream = (orderId: string): string => `return-${orderId}`;

/** The streams of the order's payment and of the account that it charges. */
export const paying = ({ orderId, customerId }: { readonly orderId: string; readonly customerId: string }) =>
  ({ payment: [payment, paymentStream(orderId)], customer: [account, accountStream(customerId)] }) as const;
