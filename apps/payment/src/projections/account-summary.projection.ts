import { inlineProjection } from '@millrace/service-chassis/service';
import type { AccountEvent } from '../domain/account.ts';
import { AccountSummary } from './account-summary.entity.ts';

export const accountSummary = inlineProjection<AccountEvent>()(
  'account-summary',
  { version: 1, entity: AccountSummary },
  {
    AccountCreated: ({ accountId, currency }, { insert, recorded }) =>
      insert({ accountId, currency, balance: 0, version: Number(recorded.version) }),
    MoneyDeposited: ({ accountId, amount }, { update, recorded }) =>
      update(accountId, ({ balance }) => ({ balance: balance + amount, version: Number(recorded.version) })),
    MoneyWithdrawn: ({ accountId, amount }, { update, recorded }) =>
      update(accountId, ({ balance }) => ({ balance: balance - amount, version: Number(recorded.version) })),
  },
);
