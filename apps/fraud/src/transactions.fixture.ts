import type { Transaction } from './domain/transaction.ts';

/** A transaction such as `DE 0:30`, so many minutes and seconds after a time. */
export function paid(text: string, transactionId: string, cardId = 'c', fromMs = 0): Transaction {
  const [, country = '', minute, second] = /^(\w+) (\d+):(\d+)$/.exec(text) ?? [];
  const occurredAt = new Date(fromMs + (Number(minute) * 60 + Number(second)) * 1_000).toISOString();
  return { transactionId, cardId, amount: 12_50, currency: 'EUR', country, occurredAt };
}
