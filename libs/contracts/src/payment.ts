import { z } from 'zod';
import { days, personal, topic, type MessageOf } from '@millrace/streaming-core/contract';
import {
  currency,
  customerId,
  minorUnits,
  money,
  orderId,
  paymentMethod,
  reason,
  returnReason,
} from './fields.ts';

export const paymentCommands = topic(
  'payment-commands',
  {
    key: 'orderId',
    partitions: 6,
    retention: days(7),
    personal: { holder: 'payment', subject: 'customerId' },
  },
  {
    ProcessPayment: z.strictObject({
      orderId,
      customerId,
      amount: money,
      paymentMethod: personal(paymentMethod),
    }),
    RefundPayment: z.strictObject({ orderId, customerId }),
    /** What payment needs to charge a choreographed order, which it does once its stock is reserved. */
    PaymentDetails: z.strictObject({
      orderId,
      customerId,
      amount: money,
      paymentMethod: personal(paymentMethod),
    }),
    RefundReturn: z.strictObject({ orderId, customerId, amount: money }),
    ReverseReturnRefund: z.strictObject({ orderId, customerId }),
  },
);

export const paymentEvents = topic(
  'payment-events',
  { key: 'orderId', partitions: 6, retention: 'unlimited' },
  {
    PaymentProcessed: z.strictObject({ orderId, amount: money }),
    PaymentFailed: z.strictObject({ orderId, reason }),
    /**
     * The answer to every refund. `amount` is 0 if no money had been taken, and null if the service
     * has no record of a payment.
     */
    PaymentRefunded: z.strictObject({ orderId, amount: money.nullable() }),
    ReturnRefunded: z.strictObject({ orderId, amount: money }),
    ReturnRefundRefused: z.strictObject({ orderId, reason: returnReason }),
    /** The answer to every reversal. `amount` is null when there is no refund to reverse. */
    ReturnRefundReversed: z.strictObject({ orderId, amount: money.nullable() }),
  },
);

/** The customers' ledgers. */
export const accountEvents = topic(
  'account-events',
  { key: 'accountId', partitions: 6, retention: 'unlimited' },
  {
    AccountCreated: z.strictObject({ accountId: customerId, currency }),
    MoneyDeposited: z.strictObject({ accountId: customerId, amount: minorUnits }),
    MoneyWithdrawn: z.strictObject({ accountId: customerId, amount: minorUnits }),
  },
);

export type PaymentDetails = MessageOf<typeof paymentCommands.PaymentDetails>;
export type ProcessPayment = MessageOf<typeof paymentCommands.ProcessPayment>;
export type PaymentProcessed = MessageOf<typeof paymentEvents.PaymentProcessed>;
export type RefundPayment = MessageOf<typeof paymentCommands.RefundPayment>;
export type RefundReturn = MessageOf<typeof paymentCommands.RefundReturn>;
export type ReverseReturnRefund = MessageOf<typeof paymentCommands.ReverseReturnRefund>;
