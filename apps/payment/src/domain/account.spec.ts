import { describe, expect, it } from '@jest/globals';
import { foldEvents } from '@millrace/event-sourcing';
import { given, playCommands } from '@millrace/testing';
import { fc } from '@millrace/testing/random';
import { balanceMax, account } from './account.ts';
import type { AccountEvent } from './events.ts';

const created: AccountEvent = { type: 'AccountCreated', accountId: '123', currency: 'EUR' };
const deposited = (amount: number): AccountEvent => ({ type: 'MoneyDeposited', accountId: '123', amount });
const withdrawn = (amount: number): AccountEvent => ({ type: 'MoneyWithdrawn', accountId: '123', amount });
const withdraw = (amount: number) => ({ type: 'Withdraw', accountId: '123', amount }) as const;
const deposit = (amount: number) => ({ type: 'Deposit', accountId: '123', amount }) as const;
const create = { type: 'CreateAccount', accountId: '123', currency: 'EUR' } as const;

describe('an account', () => {
  it('is opened once', () => {
    given(account).when(create).then([created]);
    given(account, [created]).when(create).thenRejected('account_exists', { accountId: '123' });
  });

  it('must be open before money can move', () => {
    given(account).when(deposit(1)).thenRejected('unknown_account');
    given(account).when(withdraw(1)).thenRejected('unknown_account');
  });

  it('accepts deposits and withdrawals', () => {
    given(account, [created])
      .when(deposit(100))
      .then([deposited(100)]);
    given(account, [created, deposited(100)])
      .when(withdraw(100))
      .then([withdrawn(100)]);
  });

  it('D03 rejects a withdrawal beyond its balance', () => {
    given(account, [created, deposited(100)])
      .when(withdraw(121))
      .thenRejected('insufficient_funds', { balance: 100 });
  });

  it('rejects a deposit beyond its limit', () => {
    given(account, [created, deposited(balanceMax)])
      .when(deposit(1))
      .thenRejected('balance_limit_exceeded');
  });

  it('has a balance of 120 after 100 in, 30 out and 50 in, and the right balance after each event', () => {
    const events = [created, deposited(100), withdrawn(30), deposited(50)];
    const balances = events
      .map((_, index) => foldEvents(account, events.slice(0, index + 1)))
      .map((state) => 'balance' in state && state.balance);
    expect(balances).toEqual([0, 100, 70, 120]);
    given(account, events).when(withdraw(121)).thenRejected('insufficient_funds', { balance: 120 });
  });
});

describe('an account that gets any commands in any order', () => {
  const amounts = fc.oneof(
    fc.integer({ min: 1, max: 200 }),
    fc.integer({ min: balanceMax - 100, max: balanceMax }),
  );
  const commands = fc.array(fc.oneof(fc.constant(create), amounts.map(deposit), amounts.map(withdraw)), {
    maxLength: 30,
  });

  it('P08 holds the deposits minus the withdrawals, never a negative balance and never one beyond its limit', () => {
    fc.assert(
      fc.property(commands, (given) => {
        const { state, events } = playCommands(account, given, {
          repeatable: ({ type }) => type === 'CreateAccount',
        });
        const moved = events.reduce(
          (sum, event) =>
            sum +
            (event.type === 'MoneyDeposited'
              ? event.amount
              : event.type === 'MoneyWithdrawn'
                ? -event.amount
                : 0),
          0,
        );
        const balance = 'balance' in state ? state.balance : 0;
        expect(balance).toBe(moved);
        expect(balance).toBeGreaterThanOrEqual(0);
        expect(balance).toBeLessThanOrEqual(balanceMax);
      }),
    );
  });
});
