import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { paymentCommands } from '@millrace/contracts';
import { connectLagReader } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { until } from '@millrace/testing/service';
import { eur, pay, refund, openPayment, type PaymentFixture } from './payment.fixture.ts';

let payment: PaymentFixture;
beforeAll(async () => {
  payment = await openPayment();
});
afterAll(() => payment.close());

describe('a payment over the log', () => {
  it('withdraws the money, names the command as the cause of its answer, and is refunded', async () => {
    const orderId = randomUUID();
    const customerId = await payment.account(100);
    const commandId = await payment.send(paymentCommands, pay(orderId, customerId, 40));
    const [processed] = await payment.answered(orderId, 1);
    expect(processed).toEqual({ type: 'PaymentProcessed', orderId, amount: eur(40) });
    const [told] = await payment.published('payment-events', orderId);
    expect(told?.headers.get('ce_causationid')).toEqual(commandId);
    expect(told?.headers.get('ce_correlationid')).toEqual(`story-${orderId}`);
    expect(await payment.balanceOf(customerId)).toEqual(eur(60));
    expect((await payment.call('GET', `/payments/${orderId}`)).body).toEqual({
      orderId,
      status: 'processed',
      amount: eur(40),
    });

    const refundId = await payment.send(paymentCommands, refund(orderId, customerId));
    expect((await payment.answered(orderId, 2))[1]).toEqual({
      type: 'PaymentRefunded',
      orderId,
      amount: eur(40),
    });
    expect((await payment.published('payment-events', orderId))[1]?.headers.get('ce_causationid')).toBe(
      refundId,
    );
    expect(await payment.balanceOf(customerId)).toEqual(eur(100));
    expect((await payment.call('GET', `/payments/${orderId}`)).body.status).toBe('refunded');
  });

  it('repeats the first answer when a command arrives again, and does not answer the same request under another id', async () => {
    const orderId = randomUUID();
    const customerId = await payment.account(100);
    const id = await payment.send(paymentCommands, pay(orderId, customerId, 40));
    await payment.answered(orderId, 1);
    await payment.send(paymentCommands, pay(orderId, customerId, 40), { id });
    await payment.send(paymentCommands, pay(orderId, customerId, 40));
    await payment.send(paymentCommands, refund(orderId, customerId));
    await payment.answered(orderId, 3);
    const told = await payment.published('payment-events', orderId);
    expect(told.map(({ message }) => message.type)).toEqual([
      'PaymentProcessed',
      'PaymentProcessed',
      'PaymentRefunded',
    ]);
    expect(told[1]).toEqual(told[0]);
    expect(await payment.balanceOf(customerId)).toEqual(eur(100));
  });

  it.each([
    ['unknown_account', () => Promise.resolve(`nobody-${randomUUID().slice(0, 8)}`)],
    ['insufficient_funds', () => payment.account(39)],
  ])('fails with %s', async (reason, customer) => {
    const orderId = randomUUID();
    const customerId = await customer();
    await payment.send(paymentCommands, pay(orderId, customerId, 40));
    expect(await payment.answered(orderId, 1)).toEqual([{ type: 'PaymentFailed', orderId, reason }]);
    expect((await payment.call('GET', `/payments/${orderId}`)).body).toMatchObject({
      status: 'failed',
      reason,
    });
  });

  it('D06 is refused permanently if its refund arrives first', async () => {
    const orderId = randomUUID();
    const customerId = await payment.account(100);
    await payment.send(paymentCommands, refund(orderId, customerId));
    expect(await payment.answered(orderId, 1)).toEqual([{ type: 'PaymentRefunded', orderId, amount: null }]);
    await payment.send(paymentCommands, pay(orderId, customerId, 40));
    await payment.send(paymentCommands, pay(orderId, customerId, 41));
    const marker = randomUUID();
    await payment.send(paymentCommands, pay(marker, customerId, 1));
    await payment.answered(marker, 1);
    expect((await payment.call('GET', `/payments/${orderId}`)).body).toEqual({
      orderId,
      status: 'cancelled',
      amount: null,
    });
    expect(await payment.answers(orderId)).toHaveLength(1);
  });

  it('goes to the dead letters if its command is malformed, and the next one is handled', async () => {
    const orderId = randomUUID();
    const customerId = await payment.account(100);
    await payment.send(paymentCommands, { type: 'ProcessPayment', orderId, amount: 'much' });
    await payment.send(paymentCommands, { type: 'Bribe', orderId });
    await payment.send(paymentCommands, pay(orderId, customerId, 40));
    expect((await payment.answered(orderId, 1)).map(({ type }) => type)).toEqual(['PaymentProcessed']);
    await until(
      () => payment.published('payment-commands.dlq', orderId),
      (letters) => letters.length === 2,
    );
  });
});

describe('the running service', () => {
  const metrics = async () => (await fetch(`${payment.service().url}/metrics`)).text();

  it('R05 logs with the order id and the correlation id', async () => {
    const orderId = randomUUID();
    await payment.send(paymentCommands, refund(orderId, 'nobody'));
    await payment.answered(orderId, 1);
    await payment.logged(orderId, {
      service: 'payment',
      correlationId: `story-${orderId}`,
      type: 'RefundPayment',
    });
  });

  it('is ready with its database, its consumer and its relay', async () => {
    const { status, body } = await payment.call('GET', '/readyz');
    expect([status, body]).toMatchObject([
      200,
      {
        status: 'ready',
        checks: { database: {}, consumer: { details: { partitions: expect.any(Number) } }, relay: {} },
      },
    ]);
  });

  it('exports metrics of its relay and its consumer', async () => {
    const orderId = randomUUID();
    await payment.send(paymentCommands, refund(orderId, 'nobody'));
    await payment.answered(orderId, 1);
    const text = await until(metrics, (page) =>
      /millrace_consumer_messages_handled_total\{[^}]*topic="payment-commands"[^}]*\} [1-9]/.test(page),
    );
    expect(text).toMatch(/millrace_relay_position\{service="payment"\} [1-9]/);
    expect(text).toMatch(/millrace_relay_oldest_unpublished_age_seconds\{service="payment"\} \d/);
    expect(text).toMatch(/millrace_consumer_dead_letters_total/);
  });

  it('R32 counts its dead letters on the log, so that the count survives a restart', async () => {
    const shown = async () => {
      const [, count] =
        /millrace_dead_letters\{[^}]*topic="payment-commands.dlq"[^}]*\} (\d+)/.exec(await metrics()) ?? [];
      return count === undefined ? undefined : Number(count);
    };
    const orders = [randomUUID(), randomUUID()];
    for (const orderId of orders) await payment.send(paymentCommands, { type: 'Bribe', orderId });
    for (const orderId of orders)
      await until(
        () => payment.published('payment-commands.dlq', orderId),
        (letters) => letters.length === 1,
      );
    const standing = await recordsOn('payment-commands.dlq'); // including those of earlier tests
    expect(standing).toBeGreaterThanOrEqual(2);
    await until(shown, (count) => count === standing);
    await payment.restart();

    await until(shown, (count) => count === standing);
    const alarmed = await until(
      async () => (await payment.call('GET', '/readyz')).body,
      ({ checks }) => JSON.stringify(checks).includes('dead_letters'),
    );
    expect(JSON.stringify(alarmed.checks)).toContain('"place":{"topic":"payment-commands.dlq"}');
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

async function recordsOn(topic: string): Promise<number> {
  const reader = connectLagReader({
    bootstrapServers: [payment.bootstrapServers],
    clientId: 'test',
    logger: silentLogger,
  });
  try {
    return Number((await reader.offsetsHeld([topic])).get(topic));
  } finally {
    await reader.close();
  }
}
