import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { paymentCommands, type PaymentMethod } from '@millrace/contracts';
import { until, type TestService } from '@millrace/testing/service';
import { openPayment } from './payment.fixture.ts';

let payment: TestService;
beforeAll(async () => {
  payment = await openPayment();
});
afterAll(() => payment.close());

const eur = (amount: number) => ({ amount, currency: 'EUR' });

async function openAccount(balance: number): Promise<string> {
  const customerId = `customer-${randomUUID().slice(0, 8)}`;
  await payment.call('POST', '/accounts', { customerId, currency: 'EUR' });
  if (balance > 0) await payment.call('POST', `/accounts/${customerId}/deposits`, { amount: balance });
  return customerId;
}

const balanceOf = async (customerId: string) =>
  (await payment.call('GET', `/accounts/${customerId}`)).body.balance;
const pay = (orderId: string, customerId: string, amount: number, paymentMethod: PaymentMethod = 'account') =>
  paymentCommands.ProcessPayment({ orderId, customerId, amount: eur(amount), paymentMethod });
const refund = (orderId: string, customerId: string) =>
  paymentCommands.RefundPayment({ orderId, customerId });
const answers = async (orderId: string) =>
  (await payment.published('payment-events', orderId)).map(({ message }) => message);
const answered = (orderId: string, count: number) =>
  until(
    () => answers(orderId),
    (messages) => messages.length >= count,
  );

describe('an account over HTTP', () => {
  it('G22: the ledger, its balance at any version and moment, and a refusal that leaves no event', async () => {
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

  it('carries the correlation id of the request into history and messages', async () => {
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
    const customerId = await openAccount(5);
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

  it('is opened once, and has no version that has not been', async () => {
    const customerId = await openAccount(0);
    const again = await payment.call('POST', '/accounts', { customerId, currency: 'EUR' });
    expect(again.status).toEqual(409);
    expect(again.body.code).toEqual('account_exists');
    expect(again.headers.get('location')).toEqual(null);
    expect((await payment.call('GET', `/accounts/${customerId}?version=2`)).body.code).toBe(
      'unknown_version',
    );
  });

  it('keeps its balance under concurrent withdrawals', async () => {
    const customerId = await openAccount(5);
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () =>
        payment.call('POST', `/accounts/${customerId}/withdrawals`, { amount: 1 }),
      ),
    );
    const statuses = outcomes.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201).length).toBe(5);
    expect(new Set(statuses)).toEqual(new Set([201, 409]));
    expect(await balanceOf(customerId)).toEqual(eur(0));
  });
});

describe('a payment over the log', () => {
  it('withdraws, answers with the command as its cause, and is refunded', async () => {
    const orderId = randomUUID();
    const customerId = await openAccount(100);
    const commandId = await payment.send(paymentCommands, pay(orderId, customerId, 40));
    const [processed] = await answered(orderId, 1);
    expect(processed).toEqual({ type: 'PaymentProcessed', orderId, amount: eur(40) });
    const [told] = await payment.published('payment-events', orderId);
    expect(told?.headers.get('ce_causationid')).toEqual(commandId);
    expect(told?.headers.get('ce_correlationid')).toEqual(`story-${orderId}`);
    expect(await balanceOf(customerId)).toEqual(eur(60));
    expect((await payment.call('GET', `/payments/${orderId}`)).body).toEqual({
      orderId,
      status: 'processed',
      amount: eur(40),
    });

    const refundId = await payment.send(paymentCommands, refund(orderId, customerId));
    expect((await answered(orderId, 2))[1]).toEqual({ type: 'PaymentRefunded', orderId, amount: eur(40) });
    expect((await payment.published('payment-events', orderId))[1]?.headers.get('ce_causationid')).toBe(
      refundId,
    );
    expect(await balanceOf(customerId)).toEqual(eur(100));
    expect((await payment.call('GET', `/payments/${orderId}`)).body.status).toBe('refunded');
  });

  it('answers a repeated command, with the same id or another, with nothing new', async () => {
    const orderId = randomUUID();
    const customerId = await openAccount(100);
    const id = await payment.send(paymentCommands, pay(orderId, customerId, 40));
    await payment.send(paymentCommands, pay(orderId, customerId, 40), { id });
    await payment.send(paymentCommands, pay(orderId, customerId, 40));
    await payment.send(paymentCommands, refund(orderId, customerId));
    expect((await answered(orderId, 2)).map(({ type }) => type)).toEqual([
      'PaymentProcessed',
      'PaymentRefunded',
    ]);
    expect(await balanceOf(customerId)).toEqual(eur(100));
  });

  it.each([
    ['unknown_account', () => Promise.resolve(`nobody-${randomUUID().slice(0, 8)}`)],
    ['insufficient_funds', () => openAccount(39)],
  ])('fails with %s', async (reason, customer) => {
    const orderId = randomUUID();
    const customerId = await customer();
    await payment.send(paymentCommands, pay(orderId, customerId, 40));
    expect(await answered(orderId, 1)).toEqual([{ type: 'PaymentFailed', orderId, reason }]);
    expect((await payment.call('GET', `/payments/${orderId}`)).body).toMatchObject({
      status: 'failed',
      reason,
    });
  });

  it('that is refunded before it came is refused for ever', async () => {
    const orderId = randomUUID();
    const customerId = await openAccount(100);
    await payment.send(paymentCommands, refund(orderId, customerId));
    expect(await answered(orderId, 1)).toEqual([{ type: 'PaymentRefunded', orderId, amount: null }]);
    await payment.send(paymentCommands, pay(orderId, customerId, 40));
    await payment.send(paymentCommands, pay(orderId, customerId, 41));
    const marker = randomUUID();
    await payment.send(paymentCommands, pay(marker, customerId, 1));
    await answered(marker, 1);
    expect((await payment.call('GET', `/payments/${orderId}`)).body).toEqual({
      orderId,
      status: 'cancelled',
      amount: null,
    });
    expect(await answers(orderId)).toHaveLength(1);
  });

  it('of a shape that no command has goes to the dead letters, and the next one is handled', async () => {
    const orderId = randomUUID();
    const customerId = await openAccount(100);
    await payment.send(paymentCommands, { type: 'ProcessPayment', orderId, amount: 'much' });
    await payment.send(paymentCommands, { type: 'Bribe', orderId });
    await payment.send(paymentCommands, pay(orderId, customerId, 40));
    expect((await answered(orderId, 1)).map(({ type }) => type)).toEqual(['PaymentProcessed']);
    await until(
      () => payment.published('payment-commands.dlq', orderId),
      (letters) => letters.length === 2,
    );
  });
});

describe('a card payment', () => {
  const chargesOf = async (orderId: string) =>
    (
      await payment.database.sql.query(
        'SELECT key, outcome FROM provider_charge WHERE key LIKE $1 ORDER BY key',
        [`${orderId}%`],
      )
    ).rows;
  const refundsOf = async (orderId: string) =>
    (
      await payment.database.sql.query('SELECT key, charge_key FROM provider_refund WHERE charge_key = $1', [
        `${orderId}:pay`,
      ])
    ).rows;

  it('is charged once under its stable key, and told', async () => {
    const orderId = randomUUID();
    const commandId = await payment.send(
      paymentCommands,
      pay(orderId, 'no-account', 40, { card: 'tok_approve' }),
    );
    expect(await answered(orderId, 1)).toEqual([{ type: 'PaymentProcessed', orderId, amount: eur(40) }]);
    expect((await payment.published('payment-events', orderId))[0]?.headers.get('ce_causationid')).toBe(
      commandId,
    );
    expect(await chargesOf(orderId)).toEqual([{ key: `${orderId}:pay`, outcome: 'approved' }]);
  });

  it('that is declined fails', async () => {
    const orderId = randomUUID();
    await payment.send(paymentCommands, pay(orderId, 'no-account', 40, { card: 'tok_decline' }));
    expect(await answered(orderId, 1)).toEqual([{ type: 'PaymentFailed', orderId, reason: 'card_declined' }]);
  });

  it('is given back by the provider when it is refunded', async () => {
    const orderId = randomUUID();
    await payment.send(paymentCommands, pay(orderId, 'no-account', 40, { card: 'tok_approve' }));
    await answered(orderId, 1);
    const refundId = await payment.send(paymentCommands, refund(orderId, 'no-account'));
    expect((await answered(orderId, 2))[1]).toEqual({ type: 'PaymentRefunded', orderId, amount: eur(40) });
    expect((await payment.published('payment-events', orderId))[1]?.headers.get('ce_causationid')).toBe(
      refundId,
    );
    expect(await refundsOf(orderId)).toEqual([{ key: `${orderId}:pay:undo`, charge_key: `${orderId}:pay` }]);
  });

  it('that is still unresolved when the refund comes is undone, and only the refund is told', async () => {
    const orderId = randomUUID();
    await payment.send(paymentCommands, pay(orderId, 'no-account', 40, { card: 'tok_slow' }));
    await until(
      () => payment.call('GET', `/payments/${orderId}`),
      ({ body }) => body.status === 'processing',
    );
    const refundId = await payment.send(paymentCommands, refund(orderId, 'no-account'));
    await until(
      () => payment.call('GET', `/payments/${orderId}`),
      ({ body }) => body.status === 'refunding',
    );
    expect(await answers(orderId)).toEqual([]);
    expect(await answered(orderId, 1)).toEqual([{ type: 'PaymentRefunded', orderId, amount: eur(40) }]);
    expect((await payment.published('payment-events', orderId))[0]?.headers.get('ce_causationid')).toBe(
      refundId,
    );
    expect(await refundsOf(orderId)).toHaveLength(1);
  });

  it('that a restart interrupts is neither lost nor charged twice', async () => {
    const orderId = randomUUID();
    await payment.send(paymentCommands, pay(orderId, 'no-account', 40, { card: 'tok_slow' }));
    await until(
      () => chargesOf(orderId),
      (charges) => charges.length === 1,
    );
    await payment.restart();
    expect(await answered(orderId, 1)).toEqual([{ type: 'PaymentProcessed', orderId, amount: eur(40) }]);
    expect(await chargesOf(orderId)).toHaveLength(1);
  });

  it('whose answer is lost is asked about before it is repeated, and charged once', async () => {
    const orderId = randomUUID();
    await payment.send(paymentCommands, pay(orderId, 'no-account', 40, { card: 'tok_late' }));
    expect(await answered(orderId, 1)).toEqual([{ type: 'PaymentProcessed', orderId, amount: eur(40) }]);
    const { rows } = await payment.database.sql.query(
      'SELECT key, outcome, times_asked FROM provider_charge WHERE key LIKE $1',
      [`${orderId}%`],
    );
    expect(rows).toEqual([{ key: `${orderId}:pay`, outcome: 'approved', times_asked: 1 }]);
  });

  it('leaves its token in no log line, and in no message', async () => {
    const orderId = randomUUID();
    await payment.send(paymentCommands, pay(orderId, 'no-account', 40, { card: 'tok_approve' }));
    await answered(orderId, 1);
    expect(payment.logs.join('\n')).not.toContain('tok_');
    expect(JSON.stringify(await answers(orderId))).not.toContain('tok_');
  });
});

describe('the running service', () => {
  it('logs with the order and its story', async () => {
    const orderId = randomUUID();
    await payment.send(paymentCommands, refund(orderId, 'nobody'));
    await answered(orderId, 1);
    expect(payment.logsOf(orderId)).toContainEqual(
      expect.objectContaining({
        service: 'payment',
        correlationId: `story-${orderId}`,
        type: 'RefundPayment',
      }),
    );
  });

  it('is ready with its database, its consumer and its relay', async () => {
    const { status, body } = await payment.call('GET', '/readyz');
    expect([status, body]).toMatchObject([
      200,
      { status: 'ready', checks: { database: {}, consumer: { details: { partitions: 6 } }, relay: {} } },
    ]);
  });

  it('shows what its relay and consumer did', async () => {
    const text = await (await fetch(`${payment.service().url}/metrics`)).text();
    expect(text).toMatch(
      /millrace_consumer_messages_handled_total\{[^}]*topic="payment-commands"[^}]*\} [1-9]/,
    );
    expect(text).toMatch(/millrace_relay_position\{service="payment"\} [1-9]/);
    expect(text).toMatch(/millrace_relay_oldest_unpublished_age_seconds\{service="payment"\} \d/);
    expect(text).toMatch(/millrace_consumer_dead_letters_total/);
  });

  it('documents its interface', async () => {
    expect(await payment.documentedCalls()).toEqual([
      'get /accounts/{customerId}',
      'get /accounts/{customerId}/history',
      'get /payments/{orderId}',
      'post /accounts',
      'post /accounts/{customerId}/deposits',
      'post /accounts/{customerId}/withdrawals',
    ]);
  });
});
