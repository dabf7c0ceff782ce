import { fields } from '@millrace/contracts';
import { inlineProjection, minus, plus, readModel } from '@millrace/service-chassis/service';
import { z } from 'zod';
import type { AccountEvent } from '../domain/events.ts';

export const accountSummary = readModel({
  table: 'account_summary',
  key: 'customerId',
  columns: {
    customerId: 'account_id',
    'balance.amount': 'balance',
    'balance.currency': 'currency',
  },
  fields: {
    customerId: fields.customerId,
    balance: fields.money,
    version: z.number().int(),
  },
});

export const accountProjection = inlineProjection(accountSummary).of<AccountEvent>(
  {
    AccountCreated: ({ currency }, { version }) => ({ balance: { amount: 0, currency }, version }),
    MoneyDeposited: ({ amount }, { version }) => ({ balance: { amount: plus(amount) }, version }),
    MoneyWithdrawn: ({ amount }, { version }) => ({ balance: { amount: minus(amount) }, version }),
  },
  { keyOf: ({ accountId }) => accountId },
);
