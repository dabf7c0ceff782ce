import { assertNever } from '@millrace/event-sourcing';
import type { AccountEvent } from './events.ts';

export type AccountCommand =
  | { readonly type: 'CreateAccount'; readonly accountId: string; readonly currency: string }
  | { readonly type: 'Deposit'; readonly accountId: string; readonly amount: number }
  | {
      readonly type: 'Withdraw';
      readonly accountId: string;
      readonly amount: number;
      readonly orderId?: string;
    };

export type AccountRejection =
  'account_exists' | 'unknown_account' | 'insufficient_funds' | 'balance_limit_exceeded';

/** A customer's ledger. Its id is the customer's id. Amounts are in whole minor units. */
export type Account =
  | { readonly status: 'absent' }
  | {
      readonly status: 'open';
      readonly accountId: string;
      readonly currency: string;
      readonly balance: number;
    };

/**
 * The highest balance that a deposit may lead to. It is far below what a number holds exactly, so
 * refunds to a full account are exact too.
 */
export const balanceMax = 1_000_000_000_000_000;

export const initialState: Account = { status: 'absent' };

export function evolve(state: Account, event: AccountEvent): Account {
  if (event.type === 'AccountCreated')
    return { status: 'open', accountId: event.accountId, currency: event.currency, balance: 0 };
  if (state.status === 'absent')
    throw new Error(`${event.accountId}: the first event of an account must be AccountCreated`);
  switch (event.type) {
    case 'MoneyDeposited':
      return { ...state, balance: state.balance + event.amount };
    case 'MoneyWithdrawn':
      return { ...state, balance: state.balance - event.amount };
    default:
      return assertNever(event);
  }
}
