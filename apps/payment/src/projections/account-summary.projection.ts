import { inlineProjection, minus, plus } from '@millrace/read-models';
import type { AccountEvent } from '../domain/events.ts';
import { AccountSummary } from './account-summary.entity.ts';

export const accountProjection = inlineProjection(AccountSummary).of<AccountEvent>({
  AccountCreated: ({ currency }, { version }) => ({ balance: 0, currency, version }),
  MoneyDeposited: ({ amount }, { version }) => ({ balance: plus(amount), version }),
  MoneyWithdrawn: ({ amount }, { version }) => ({ balance: minus(amount), version }),
});
