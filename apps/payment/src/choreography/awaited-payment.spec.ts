import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { foldEvents, type Erased } from '@millrace/event-sourcing';
import { assertGoldenEventsFold } from '@millrace/testing';
import { account, type Account } from '../domain/account.ts';
import { payment, type Payment } from '../domain/payment.ts';
import {
  awaitedPayment,
  awaitedPaymentEventTypes,
  payOnceComplete,
  type AwaitedPaymentEvent,
} from './awaited-payment.ts';

const orderId = '0199f000-0000-4000-8000-000000000001';
const amount = { amount: 40, currency: 'EUR' };
const details: AwaitedPaymentEvent = {
  type: 'PaymentDetailsReceived',
  orderId,
  customerId: 'ada',
  amount,
  personal: { subject: 'ada', paymentMethod: 'account' },
};
const reserved: AwaitedPaymentEvent = { type: 'ReservationSeen', orderId };
const customer: Account = { status: 'open', accountId: 'ada', currency: 'EUR', balance: 100 };

/** What payment decides when `arrived` comes after the events in `before`. */
const arrives = (
  arrived: AwaitedPaymentEvent,
  before: readonly AwaitedPaymentEvent[],
  states: { readonly payment?: Payment; readonly customer?: Account } = {},
) =>
  payOnceComplete(arrived, {
    awaited: foldEvents(awaitedPayment, before),
    payment: payment.initialState,
    customer,
    ...states,
  });
const typesOf = (events: ReadonlyArray<{ readonly type: string }> = []) => events.map(({ type }) => type);

describe('the payment of a choreographed order', () => {
  it.each([
    ['the details', details, reserved],
    ['the reservation', reserved, details],
  ])('waits for both, and charges when %s come last', (_, last, first) => {
    expect(arrives(first, []).events).toEqual({ awaited: [first] });
    const { events } = arrives(last, [first]);
    expect(events.awaited).toEqual([last]);
    expect(typesOf(events.payment)).toEqual(['PaymentProcessed']);
    expect(typesOf(events.customer)).toEqual(['MoneyWithdrawn']);
  });

  it('asks the provider for a card', () => {
    const byCard = { ...details, personal: { subject: 'ada', paymentMethod: { card: 'tok_approve' } } };
    const { events, calls } = arrives(reserved, [byCard], { customer: account.initialState });
    expect(typesOf(events.payment)).toEqual(['CardChargeRequested']);
    expect(calls).toEqual([{ type: 'ChargeCard', orderId, customerId: 'ada', token: 'tok_approve', amount }]);
  });

  it('records repeated details once, and charges nothing twice', () => {
    const processed: Payment = { status: 'processed', from: 'account', customerId: 'ada', amount };
    expect(arrives(details, [details]).events).toEqual({ awaited: [] });
    expect(arrives(details, [details, reserved], { payment: processed }).events).toEqual({ awaited: [] });
  });

  it('charges nobody once the order has failed, or the customer was erased', () => {
    expect(arrives(reserved, [details], { payment: { status: 'void' } }).events).toEqual({
      awaited: [reserved],
    });
    const erased: Erased = { erased: true };
    expect(arrives(reserved, [{ ...details, personal: erased }]).events).toEqual({ awaited: [reserved] });
  });
});

it('the events of an awaited payment fold to the states that they had when they were released', () => {
  assertGoldenEventsFold(join(import.meta.dirname, 'golden-events'), awaitedPaymentEventTypes, {
    awaited: awaitedPayment,
  });
});
