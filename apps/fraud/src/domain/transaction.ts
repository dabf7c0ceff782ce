import { z } from 'zod';

/** A record of the topic `transactions`, whose key is the card. It has no number of the card. */
export const transaction = z.object({
  transactionId: z.string().min(1).max(100),
  cardId: z.string().min(1).max(100),
  /** In the smallest unit of the currency. */
  amount: z.number().int().min(0),
  currency: z.string().regex(/^[A-Z]{3}$/),
  /** The country of the merchant (ISO 3166-1 alpha-2). */
  country: z.string().regex(/^[A-Z]{2}$/),
  occurredAt: z.iso.datetime(),
});
export type Transaction = z.infer<typeof transaction>;

/** A record of the topic `fraud-alerts`, whose key is the card. */
export const fraudAlert = z.object({
  cardId: z.string(),
  transactionIds: z
    .array(z.string())
    .describe('The transactions that raise the alert, in the order of their times'),
  countries: z.array(z.string()),
  occurredAt: z.iso.datetime().describe('The time of the last of them'),
});
export type FraudAlert = z.infer<typeof fraudAlert>;

export const alertOf = (transactions: readonly [Transaction, ...Transaction[]]): FraudAlert => ({
  cardId: transactions[0].cardId,
  transactionIds: transactions.map(({ transactionId }) => transactionId),
  countries: transactions.map(({ country }) => country),
  occurredAt: (transactions.at(-1) ?? transactions[0]).occurredAt,
});
