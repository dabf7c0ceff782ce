import { assertNever, rejected, type Decider } from '@millrace/event-sourcing';
import {
  balanceMax,
  evolve,
  initialState,
  type Account,
  type AccountCommand,
  type AccountRejection,
} from './account.ts';
import type { AccountEvent } from './events.ts';

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
