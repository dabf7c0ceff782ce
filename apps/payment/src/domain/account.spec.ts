import { describe, expect, it } from '@jest/globals';
import { foldEvents } from '@millrace/event-sourcing';
import { given } from '@millrace/testing';
import { account, balanceMax, type AccountEvent } from './account.ts';

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

  it('has to be open for money to move', () => {
    given(account).when(deposit(1)).thenRejected('unknown_account');
    given(account).when(withdraw(1)).thenRejected('unknown_account');
  });

  it('takes money in and out', () => {
    given(account, [created])
      .when(deposit(100))
      .then([deposited(100)]);
    given(account, [created, deposited(100)])
      .when(withdraw(100))
      .then([withdrawn(100)]);
  });

  it('never gives more than it has', () => {
    given(account, [created, deposited(100)])
      .when(withdraw(121))
      .thenRejected('insufficient_funds', { balance: 100 });
  });

  it('never holds more than can be counted', () => {
    given(account, [created, deposited(balanceMax)])
      .when(deposit(1))
      .thenRejected('balance_limit_exceeded');
  });

  it('G22: created, 100 in, 30 out, 50 in is 120, and after each event what it was then', () => {
    const events = [created, deposited(100), withdrawn(30), deposited(50)];
    const balances = events
      .map((_, index) => foldEvents(account, events.slice(0, index + 1)))
      .map((state) => 'balance' in state && state.balance);
    expect(balances).toEqual([0, 100, 70, 120]);
    given(account, events).when(withdraw(121)).thenRejected('insufficient_funds', { balance: 120 });
  });
});
