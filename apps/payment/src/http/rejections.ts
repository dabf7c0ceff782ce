import type { Rejected } from '@millrace/event-sourcing';
import { ProblemError } from '@millrace/service-chassis/http';
import type { AccountRejection } from '../domain/account.ts';

const answers: Readonly<Record<AccountRejection, { readonly status: number; readonly title: string }>> = {
  account_exists: { status: 409, title: 'The customer already has an account' },
  unknown_account: { status: 404, title: 'There is no such account' },
  insufficient_funds: { status: 409, title: 'The balance does not cover this withdrawal' },
  balance_limit_exceeded: { status: 409, title: 'The deposit would exceed the limit of the account' },
};

/** Turns a rejection into an HTTP problem with its code and the details that explain it. */
export function refusal({ rejected, details }: Rejected<AccountRejection>): ProblemError {
  const { status, title } = answers[rejected];
  return new ProblemError(status, rejected, title, details);
}
