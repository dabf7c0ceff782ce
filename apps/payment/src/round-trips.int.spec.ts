import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { paymentCommands } from '@millrace/contracts';
import { transactionsSentDuring } from '@millrace/testing/postgres';
import { openPayment, pay, refund, type PaymentFixture } from './payment.fixture.ts';

let payment: PaymentFixture;
beforeAll(async () => {
  payment = await openPayment();
});
afterAll(() => payment.close());

describe('a command that comes alone', () => {
  it('takes two round trips when it withdraws, and when it refunds', async () => {
    const orderId = randomUUID();
    const customerId = await payment.account(100);
    const sent = await transactionsSentDuring(async () => {
      await payment.send(paymentCommands, pay(orderId, customerId, 40));
      await payment.answered(orderId, 1);
      await payment.send(paymentCommands, refund(orderId, customerId));
      await payment.answered(orderId, 2);
    });

    const appending = sent.filter(({ statements }) =>
      statements.some((statement) => /record_events|append_to_stream/.test(statement)),
    );
    expect(appending.map(({ roundTrips }) => roundTrips)).toEqual([2, 2]);
    expect(await payment.balanceOf(customerId)).toEqual({ amount: 100, currency: 'EUR' });
  });
});
