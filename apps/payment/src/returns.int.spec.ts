import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { paymentCommands, type PaymentMethod } from '@millrace/contracts';
import type { Message } from '@millrace/streaming-core/contract';
import { eraseSubject, until } from '@millrace/testing/service';
import {
  eur,
  openPayment,
  pay,
  refund,
  refundReturn,
  reverseRefund,
  type PaymentFixture,
} from './payment.fixture.ts';

let payment: PaymentFixture;
beforeAll(async () => {
  payment = await openPayment();
});
afterAll(() => payment.close());

const send = (command: Message, options: { readonly id?: string } = {}) =>
  payment.send(paymentCommands, command, options);

/** Pays 40 for an order, and returns its id. */
async function paid(customerId: string, method: PaymentMethod): Promise<string> {
  const orderId = randomUUID();
  await send(pay(orderId, customerId, 40, method));
  await payment.answered(orderId, 1);
  return orderId;
}

const returnedOf = async (orderId: string) =>
  (await payment.call('GET', `/payments/${orderId}`)).body.returned as
    { readonly status: string } | undefined;

const isReturned = (orderId: string, status: string) =>
  until(
    () => returnedOf(orderId),
    (returned) => returned?.status === status,
  );

/** What the provider has refunded and charged again, by key. */
async function atProvider(orderId: string): Promise<readonly string[]> {
  const { rows } = await payment.database.sql.query<{ fact: string }>(
    `SELECT key || ' ' || outcome || ' ' || amount AS fact FROM provider_part_refund WHERE charge_key = $1
     UNION ALL SELECT key FROM provider_reversal WHERE refund_key = $2 ORDER BY fact`,
    [`${orderId}:pay`, `return:${orderId}:refund`],
  );
  return rows.map(({ fact }) => fact);
}

const causeOf = async (orderId: string, index: number) =>
  (await payment.published('payment-events', orderId))[index]?.headers.get('ce_causationid');

describe('the refund of a return to the account', () => {
  it('returns a part of the payment, and is reversed', async () => {
    const customerId = await payment.account(100);
    const orderId = await paid(customerId, 'account');
    expect(await returnedOf(orderId)).toBeUndefined();

    const refundId = await send(refundReturn(orderId, customerId, 15));
    expect((await payment.answered(orderId, 2))[1]).toEqual({
      type: 'ReturnRefunded',
      orderId,
      amount: eur(15),
    });
    expect(await causeOf(orderId, 1)).toBe(refundId);
    expect(await payment.balanceOf(customerId)).toEqual(eur(75));
    expect((await payment.call('GET', `/payments/${orderId}`)).body).toEqual({
      orderId,
      status: 'processed',
      amount: eur(40),
      returned: { status: 'refunded', amount: eur(15) },
    });

    await send(reverseRefund(orderId, customerId));
    expect((await payment.answered(orderId, 3))[2]).toEqual({
      type: 'ReturnRefundReversed',
      orderId,
      amount: eur(15),
    });
    expect(await payment.balanceOf(customerId)).toEqual(eur(60));
    expect(await returnedOf(orderId)).toEqual({ status: 'reversed', amount: eur(15) });
  });

  it('is owed by a customer who has spent it when it is reversed', async () => {
    const customerId = await payment.account(40);
    const orderId = await paid(customerId, 'account');
    await send(refundReturn(orderId, customerId, 15));
    await payment.answered(orderId, 2);
    await payment.call('POST', `/accounts/${customerId}/withdrawals`, { amount: 10 });

    await send(reverseRefund(orderId, customerId));
    await payment.answered(orderId, 3);

    expect(await payment.balanceOf(customerId)).toEqual(eur(-10));
    const withdrawal = await payment.call('POST', `/accounts/${customerId}/withdrawals`, { amount: 1 });
    expect(withdrawal.body.code).toBe('insufficient_funds');
    await payment.call('POST', `/accounts/${customerId}/deposits`, { amount: 12 });
    expect(await payment.balanceOf(customerId)).toEqual(eur(2));
  });

  it('repeats its first answer when its command arrives again', async () => {
    const customerId = await payment.account(40);
    const orderId = await paid(customerId, 'account');
    const id = await send(refundReturn(orderId, customerId, 15));
    await payment.answered(orderId, 2);
    await send(refundReturn(orderId, customerId, 15), { id });
    await payment.answered(orderId, 3);
    const [, refunded, again] = await payment.published('payment-events', orderId);
    expect(again).toEqual(refunded);
    expect(await payment.balanceOf(customerId)).toEqual(eur(15));
  });

  it('is refused beyond the payment and without one, and its reversal is answered', async () => {
    const customerId = await payment.account(40);
    const orderId = await paid(customerId, 'account');
    const unpaid = randomUUID();
    await send(refundReturn(orderId, customerId, 41));
    await send(refundReturn(unpaid, customerId, 1));
    const refused = { type: 'ReturnRefundRefused', reason: 'refund_refused' };
    expect((await payment.answered(orderId, 2))[1]).toEqual({ ...refused, orderId });
    expect((await payment.answered(unpaid, 1))[0]).toEqual({ ...refused, orderId: unpaid });
    expect(await returnedOf(orderId)).toEqual({ status: 'refused', amount: null, reason: 'refund_refused' });

    await send(reverseRefund(orderId, customerId));
    expect((await payment.answered(orderId, 3))[2]).toEqual({
      type: 'ReturnRefundReversed',
      orderId,
      amount: null,
    });
    expect(await payment.balanceOf(customerId)).toEqual(eur(0));
  });

  it('D13 is ignored permanently if its reversal arrives first', async () => {
    const customerId = await payment.account(40);
    const orderId = await paid(customerId, 'account');
    await send(reverseRefund(orderId, customerId));
    expect((await payment.answered(orderId, 2))[1]).toMatchObject({
      type: 'ReturnRefundReversed',
      amount: null,
    });
    await send(refundReturn(orderId, customerId, 15));
    await payment.handled(paymentCommands, orderId);
    expect(await payment.balanceOf(customerId)).toEqual(eur(0));
    expect(await payment.answers(orderId)).toHaveLength(2);
  });

  it('excludes the refund of the whole payment, which is answered', async () => {
    const customerId = await payment.account(40);
    const orderId = await paid(customerId, 'account');
    await send(refundReturn(orderId, customerId, 15));
    await send(refund(orderId, customerId));
    expect((await payment.answered(orderId, 3))[2]).toEqual({
      type: 'PaymentRefunded',
      orderId,
      amount: eur(0),
    });
    expect(await payment.balanceOf(customerId)).toEqual(eur(15));
  });
});

describe('the refund of a return to the card', () => {
  const customerId = 'no-account';

  it('is made and reversed by the provider under stable keys', async () => {
    const orderId = await paid(customerId, { card: 'tok_approve' });
    const refundId = await send(refundReturn(orderId, customerId, 15));
    await payment.answered(orderId, 2);
    const reversalId = await send(reverseRefund(orderId, customerId));
    expect((await payment.answered(orderId, 3)).slice(1)).toEqual([
      { type: 'ReturnRefunded', orderId, amount: eur(15) },
      { type: 'ReturnRefundReversed', orderId, amount: eur(15) },
    ]);
    expect(await causeOf(orderId, 1)).toBe(refundId);
    expect(await causeOf(orderId, 2)).toBe(reversalId);
    expect(await atProvider(orderId)).toEqual([
      `return:${orderId}:refund refunded 15`,
      `return:${orderId}:refund:undo`,
    ]);
  });

  it('is refused for the token tok_refund_refused, although the charge passes', async () => {
    const orderId = await paid(customerId, { card: 'tok_refund_refused' });
    await send(refundReturn(orderId, customerId, 15));
    expect(await payment.answered(orderId, 2)).toEqual([
      { type: 'PaymentProcessed', orderId, amount: eur(40) },
      { type: 'ReturnRefundRefused', orderId, reason: 'refund_refused' },
    ]);
    expect(await atProvider(orderId)).toEqual([`return:${orderId}:refund refused 15`]);
  });

  it('is undone if it is unresolved when its reversal arrives, and only the reversal is published', async () => {
    const orderId = await paid(customerId, { card: 'tok_approve' });
    const release = await payment.hold('LOCK TABLE provider_part_refund IN EXCLUSIVE MODE');
    await send(refundReturn(orderId, customerId, 15));
    await isReturned(orderId, 'refunding');
    const reversalId = await send(reverseRefund(orderId, customerId));
    await isReturned(orderId, 'reversing');
    expect(await payment.answers(orderId)).toHaveLength(1);
    await release();

    expect((await payment.answered(orderId, 2))[1]).toEqual({
      type: 'ReturnRefundReversed',
      orderId,
      amount: eur(15),
    });
    expect(await causeOf(orderId, 1)).toBe(reversalId);
    expect(await atProvider(orderId)).toHaveLength(2);
    await send(reverseRefund(orderId, customerId), { id: reversalId });
    await payment.answered(orderId, 3);
    const [, reversed, again] = await payment.published('payment-events', orderId);
    expect(again).toEqual(reversed);
  });

  it('D14 is neither lost nor made twice if a restart interrupts it, before or after the provider has decided', async () => {
    const before = await paid(customerId, { card: 'tok_approve' });
    const afterwards = await paid(customerId, { card: 'tok_approve' });
    const release = await payment.hold('LOCK TABLE provider_part_refund IN EXCLUSIVE MODE');
    await send(refundReturn(before, customerId, 15));
    await isReturned(before, 'refunding');
    const restarting = payment.restart();
    await release();
    await restarting;
    expect((await payment.answered(before, 2))[1]).toMatchObject({ type: 'ReturnRefunded' });

    // The provider has decided, but the service was killed before it recorded the answer.
    await payment.database.sql.query(
      `INSERT INTO provider_part_refund (key, charge_key, amount, outcome) VALUES ($1, $2, 15, 'refunded')`,
      [`return:${afterwards}:refund`, `${afterwards}:pay`],
    );
    await send(refundReturn(afterwards, customerId, 15));
    expect((await payment.answered(afterwards, 2))[1]).toMatchObject({ type: 'ReturnRefunded' });

    for (const orderId of [before, afterwards])
      expect(await atProvider(orderId)).toEqual([`return:${orderId}:refund refunded 15`]);
  });

  it('never refunds more than the charge', async () => {
    const orderId = await paid(customerId, { card: 'tok_approve' });
    await payment.database.sql.query(
      `INSERT INTO provider_part_refund (key, charge_key, amount, outcome) VALUES ($1, $2, 30, 'refunded')`,
      [`by hand for ${orderId}`, `${orderId}:pay`],
    );
    await send(refundReturn(orderId, customerId, 15));
    expect((await payment.answered(orderId, 2))[1]).toMatchObject({ type: 'ReturnRefundRefused' });
  });
});

describe('the refund of a return of a customer who was erased', () => {
  const newCustomer = () => `customer-${randomUUID().slice(0, 8)}`;

  it('is made to the card and reversed, since the provider needs no token for it', async () => {
    const customerId = newCustomer();
    const orderId = await paid(customerId, { card: 'tok_approve' });
    expect(await eraseSubject(payment, customerId, [orderId])).toMatchObject({ state: 'erased' });

    await send(refundReturn(orderId, customerId, 15));
    await payment.answered(orderId, 2);
    await send(reverseRefund(orderId, customerId));
    expect((await payment.answered(orderId, 3)).slice(1)).toEqual([
      { type: 'ReturnRefunded', orderId, amount: eur(15) },
      { type: 'ReturnRefundReversed', orderId, amount: eur(15) },
    ]);
  });

  it('is made to the account, whose ledger stays', async () => {
    const customerId = await payment.account(40);
    const orderId = await paid(customerId, 'account');
    expect(await eraseSubject(payment, customerId, [orderId])).toMatchObject({ state: 'erased' });

    await send(refundReturn(orderId, customerId, 15));
    await payment.answered(orderId, 2);
    expect(await payment.balanceOf(customerId)).toEqual(eur(15));
  });
});
