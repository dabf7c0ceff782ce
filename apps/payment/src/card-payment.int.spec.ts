import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { paymentCommands } from '@millrace/contracts';
import { until } from '@millrace/testing/service';
import { eur, pay, refund, openPayment, type PaymentFixture } from './payment.fixture.ts';

let payment: PaymentFixture;
beforeAll(async () => {
  payment = await openPayment();
});
afterAll(() => payment.close());

/** Runs `during` while the provider does not answer. */
async function whileTheProviderThinks(during: () => Promise<void>): Promise<void> {
  const answer = await payment.hold('LOCK TABLE provider_charge IN EXCLUSIVE MODE');
  try {
    await during();
  } finally {
    await answer();
  }
}

const hasStatus = (orderId: string, status: string) =>
  until(
    () => payment.call('GET', `/payments/${orderId}`),
    ({ body }) => body.status === status,
  );

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

  it('is charged once under its stable key, and answered', async () => {
    const orderId = randomUUID();
    const commandId = await payment.send(
      paymentCommands,
      pay(orderId, 'no-account', 40, { card: 'tok_approve' }),
    );
    expect(await payment.answered(orderId, 1)).toEqual([
      { type: 'PaymentProcessed', orderId, amount: eur(40) },
    ]);
    expect((await payment.published('payment-events', orderId))[0]?.headers.get('ce_causationid')).toBe(
      commandId,
    );
    expect(await chargesOf(orderId)).toEqual([{ key: `${orderId}:pay`, outcome: 'approved' }]);
  });

  it('leaves no token in the books of the provider', async () => {
    const orderId = randomUUID();
    await payment.send(paymentCommands, pay(orderId, 'no-account', 40, { card: 'tok_approve' }));
    await payment.answered(orderId, 1);

    const charges = 'SELECT * FROM provider_charge WHERE key = $1';
    const { rows } = await payment.database.sql.query(charges, [`${orderId}:pay`]);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain('tok_approve');
  });

  it('M21 repeats its answer when the command arrives again, but publishes nothing while the provider has not answered', async () => {
    const orderId = randomUUID();
    const charge = pay(orderId, 'no-account', 40, { card: 'tok_approve' });
    let id = '';
    await whileTheProviderThinks(async () => {
      id = await payment.send(paymentCommands, charge);
      await hasStatus(orderId, 'processing');
      await payment.send(paymentCommands, charge, { id });
      await payment.handled(paymentCommands, orderId);
      expect(await payment.answers(orderId)).toEqual([]);
    });

    await payment.answered(orderId, 1);
    await until(
      async () => {
        // The service answers one copy per second.
        await payment.send(paymentCommands, charge, { id });
        return payment.answers(orderId);
      },
      (messages) => messages.length > 1,
    );
    const [first, again] = await payment.published('payment-events', orderId);
    expect(first?.message).toEqual({ type: 'PaymentProcessed', orderId, amount: eur(40) });
    expect(again).toEqual(first);
    expect(await chargesOf(orderId)).toEqual([{ key: `${orderId}:pay`, outcome: 'approved' }]);
  });

  it('fails if the card is declined', async () => {
    const orderId = randomUUID();
    await payment.send(paymentCommands, pay(orderId, 'no-account', 40, { card: 'tok_decline' }));
    expect(await payment.answered(orderId, 1)).toEqual([
      { type: 'PaymentFailed', orderId, reason: 'card_declined' },
    ]);
  });

  it('is refunded by the provider', async () => {
    const orderId = randomUUID();
    await payment.send(paymentCommands, pay(orderId, 'no-account', 40, { card: 'tok_approve' }));
    await payment.answered(orderId, 1);
    const refundId = await payment.send(paymentCommands, refund(orderId, 'no-account'));
    expect((await payment.answered(orderId, 2))[1]).toEqual({
      type: 'PaymentRefunded',
      orderId,
      amount: eur(40),
    });
    expect((await payment.published('payment-events', orderId))[1]?.headers.get('ce_causationid')).toBe(
      refundId,
    );
    expect(await refundsOf(orderId)).toEqual([{ key: `${orderId}:pay:undo`, charge_key: `${orderId}:pay` }]);
  });

  it('is undone if it is unresolved when the refund arrives, and only the refund is published, even when it is requested again', async () => {
    const orderId = randomUUID();
    let refundId = '';
    await whileTheProviderThinks(async () => {
      await payment.send(paymentCommands, pay(orderId, 'no-account', 40, { card: 'tok_approve' }));
      await hasStatus(orderId, 'processing');
      refundId = await payment.send(paymentCommands, refund(orderId, 'no-account'));
      await hasStatus(orderId, 'refunding');
      expect(await payment.answers(orderId)).toEqual([]);
    });
    expect(await payment.answered(orderId, 1)).toEqual([
      { type: 'PaymentRefunded', orderId, amount: eur(40) },
    ]);
    expect((await payment.published('payment-events', orderId))[0]?.headers.get('ce_causationid')).toBe(
      refundId,
    );
    await payment.send(paymentCommands, refund(orderId, 'no-account'), { id: refundId });
    await payment.answered(orderId, 2);
    const [refunded, again] = await payment.published('payment-events', orderId);
    expect(again).toEqual(refunded);
    expect(await refundsOf(orderId)).toHaveLength(1);
  });

  it('D05 is neither lost nor charged twice if a restart interrupts it', async () => {
    const orderId = randomUUID();
    await payment.send(paymentCommands, pay(orderId, 'no-account', 40, { card: 'tok_slow' }));
    await until(
      () => chargesOf(orderId),
      (charges) => charges.length === 1,
    );
    await payment.restart();
    expect(await payment.answered(orderId, 1)).toEqual([
      { type: 'PaymentProcessed', orderId, amount: eur(40) },
    ]);
    expect(await chargesOf(orderId)).toHaveLength(1);
  });

  it('is queried before it is repeated if its answer is lost, and charged once', async () => {
    const orderId = randomUUID();
    await payment.send(paymentCommands, pay(orderId, 'no-account', 40, { card: 'tok_late' }));
    expect(await payment.answered(orderId, 1)).toEqual([
      { type: 'PaymentProcessed', orderId, amount: eur(40) },
    ]);
    const { rows } = await payment.database.sql.query(
      'SELECT key, outcome, times_asked FROM provider_charge WHERE key LIKE $1',
      [`${orderId}%`],
    );
    expect(rows).toEqual([{ key: `${orderId}:pay`, outcome: 'approved', times_asked: 1 }]);
  });

  it('R05 keeps its token out of log lines and messages', async () => {
    const orderId = randomUUID();
    await payment.send(paymentCommands, pay(orderId, 'no-account', 40, { card: 'tok_approve' }));
    await payment.answered(orderId, 1);
    await payment.logged(orderId, { msg: 'handled' });
    expect(payment.logs.join('\n')).not.toContain('tok_');
    expect(JSON.stringify(await payment.answers(orderId))).not.toContain('tok_');
  });
});
