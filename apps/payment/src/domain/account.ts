import { assertNever, rejected, type Decider } from '@millrace/event-sourcing';

/** A customer's ledger; its id is the customer's. Amounts are whole minor units. */
export type Account =
  | { readonly status: 'absent' }
  | {
      readonly status: 'open';
      readonly accountId: string;
      readonly currency: string;
      readonly balance: number;
    };

/** `orderId` says which payment, or which refund, moved the money. */
export type AccountEvent =
  | { readonly type: 'AccountCreated'; readonly accountId: string; readonly currency: string }
  | {
      readonly type: 'MoneyDeposited';
      readonly accountId: string;
      readonly amount: number;
      readonly orderId?: string;
    }
  | {
      readonly type: 'MoneyWithdrawn';
      readonly accountId: string;
      readonly amount: number;
      readonly orderId?: string;
    };

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

/** Far below what a number holds exactly, so that refunds on top of a full account still do. */
export const balanceMax = 1_000_000_000_000_000;

export const account: Decider<AccountCommand, AccountEvent, Account, AccountRejection> = {
  initialState: { status: 'absent' },

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

  evolve(state, event) {
    if (event.type === 'AccountCreated')
      return { status: 'open', accountId: event.accountId, currency: event.currency, balance: 0 };
    if (state.status === 'absent')
      throw new Error(`${event.accountId}: an account begins with AccountCreated`);
    switch (event.type) {
      case 'MoneyDeposited':
        return { ...state, balance: state.balance + event.amount };
      case 'MoneyWithdrawn':
        return { ...state, balance: state.balance - event.amount };
      default:
        return assertNever(event);
    }
  },
};

const forOrder = (orderId: string | undefined) => (orderId === undefined ? {} : { orderId });
