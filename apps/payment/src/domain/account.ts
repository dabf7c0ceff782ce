import { assertNever, rejected, type Decider } from '@millrace/event-sourcing';
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

const initialState: Account = { status: 'absent' };

export const account: Decider<AccountCommand, AccountEvent, Account, AccountRejection> = {
  initialState,

  decide(command, state) {
    switch (command.type) {
      case 'CreateAccount':
        if (state.status === 'open') return rejected('account_exists', { accountId: command.accountId });
        return [{ type: 'AccountCreated', accountId: command.accountId, currency: command.currency }];
      case 'Deposit':
        if (state.status === 'absent') return rejected('unknown_account', { accountId: command.accountId });
        if (state.balance + command.amount > balanceMax)
          return rejected('balance_limit_exceeded', { balanceMax });
        return [{ type: 'MoneyDeposited', accountId: command.accountId, amount: command.amount }];
      case 'Withdraw':
        if (state.status === 'absent') return rejected('unknown_account', { accountId: command.accountId });
        if (state.balance < command.amount) return rejected('insufficient_funds', { balance: state.balance });
        return [
          {
            type: 'MoneyWithdrawn',
            accountId: command.accountId,
            amount: command.amount,
            ...forOrder(command.orderId),
          },
        ];
      default:
        return assertNever(command);
    }
  },

  evolve,
};

const forOrder = (orderId: string | undefined) => (orderId === undefined ? {} : { orderId });

function evolve(state: Account, event: AccountEvent): Account {
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
