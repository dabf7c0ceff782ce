import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { until } from '@millrace/testing/service';
import { eur, openPayment, type PaymentFixture } from './payment.fixture.ts';

let payment: PaymentFixture;
beforeAll(async () => {
  payment = await openPayment();
});
afterAll(() => payment.close());

describe('an account over HTTP', () => {
  it('shows its ledger and its balance at any version or moment, and a refused withdrawal leaves no event', async () => {
    const customerId = `g22-${randomUUID().slice(0, 8)}`;
    const created = await payment.call('POST', '/accounts', { customerId, currency: 'EUR' });
    expect(created.status).toEqual(201);
    expect(created.headers.get('location')).toEqual(`/accounts/${customerId}`);
    const account = `/accounts/${customerId}`;
    await payment.call('POST', `${account}/deposits`, { amount: 100 });
    const between = new Date();
    await until(
      () => Promise.resolve(Date.now()),
      (now) => now > between.getTime(),
    );
    await payment.call('POST', `${account}/withdrawals`, { amount: 30 });
    const last = await payment.call('POST', `${account}/deposits`, { amount: 50 });
    expect(last.status).toEqual(201);
    expect(last.body).toEqual({ customerId, balance: eur(120), version: 4 });

    expect((await payment.call('GET', account)).body).toEqual({ customerId, balance: eur(120), version: 4 });
    expect((await payment.call('GET', `${account}?version=3`)).body).toEqual({
      customerId,
      balance: eur(70),
      version: 3,
    });
    expect((await payment.call('GET', `${account}?at=${between.toISOString()}`)).body).toEqual({
      customerId,
      balance: eur(100),
      version: 2,
    });

    const refused = await payment.call('POST', `${account}/withdrawals`, { amount: 121 });
    expect(refused.status).toEqual(409);
    expect(refused.body.code).toEqual('insufficient_funds');
    expect(refused.body.balance).toEqual(120);
    const history = (await payment.call('GET', `${account}/history`)).body.items ?? [];
    expect(
      history.map(({ version, type, data }) => [version, type, (data as { amount?: number }).amount]),
    ).toEqual([
      [1, 'AccountCreated', undefined],
      [2, 'MoneyDeposited', 100],
      [3, 'MoneyWithdrawn', 30],
      [4, 'MoneyDeposited', 50],
    ]);
    const told = await until(
      () => payment.published('account-events', customerId),
      (messages) => messages.length === 4,
    );
    expect(told.map(({ message }) => message.type)).toEqual([
      'AccountCreated',
      'MoneyDeposited',
      'MoneyWithdrawn',
      'MoneyDeposited',
    ]);
  });

  it('carries the correlation id of the request into its history and messages', async () => {
    const customerId = `story-${randomUUID().slice(0, 8)}`;
    await payment.call(
      'POST',
      '/accounts',
      { customerId, currency: 'EUR' },
      { 'x-correlation-id': 'my-story' },
    );
    expect(
      (await payment.call('GET', `/accounts/${customerId}/history`)).body.items?.[0]?.correlationId,
    ).toBe('my-story');
    const [told] = await until(
      () => payment.published('account-events', customerId),
      (messages) => messages.length === 1,
    );
    expect(told?.headers.get('ce_correlationid')).toEqual('my-story');
    expect(told?.headers.get('ce_source')).toEqual('/millrace/payment');
  });

  it('pages through history', async () => {
    const customerId = await payment.account(5);
    const first = await payment.call('GET', `/accounts/${customerId}/history?limit=1`);
    const second = await payment.call(
      'GET',
      `/accounts/${customerId}/history?limit=1&cursor=${String(first.body.nextCursor)}`,
    );
    expect([first, second].map(({ body }) => body.items?.map(({ type }) => type))).toEqual([
      ['AccountCreated'],
      ['MoneyDeposited'],
    ]);
    expect(second.body.nextCursor).toBeNull();
  });

  it('is opened once, and answers 404 for a version that it has not reached', async () => {
    const customerId = await payment.account(0);
    const again = await payment.call('POST', '/accounts', { customerId, currency: 'EUR' });
    expect(again.status).toEqual(409);
    expect(again.body.code).toEqual('account_exists');
    expect(again.headers.get('location')).toEqual(null);
    expect((await payment.call('GET', `/accounts/${customerId}?version=2`)).body.code).toBe(
      'unknown_version',
    );
  });

  it('D03 is never overdrawn by concurrent withdrawals', async () => {
    const customerId = await payment.account(5);
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () =>
        payment.call('POST', `/accounts/${customerId}/withdrawals`, { amount: 1 }),
      ),
    );
    const statuses = outcomes.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201).length).toBe(5);
    expect(new Set(statuses)).toEqual(new Set([201, 409]));
    expect(await payment.balanceOf(customerId)).toEqual(eur(0));
  });
});
