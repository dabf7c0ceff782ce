import { describe, expect, it } from '@jest/globals';
import { paymentCommands, type PaymentMethod } from '@millrace/contracts';
import { decisionOf, foldEvents, isRejected } from '@millrace/event-sourcing';
import { fc } from '@millrace/testing/random';
import { type Account, account } from './account.ts';
import {
  payment,
  processPayment,
  refundPayment,
  type PaymentDecision,
  type CardCall,
  type Payment,
  type PaymentCommand,
} from './payment.ts';
import type { PaymentEvent } from './events.ts';

const orderId = '0199f000-0000-4000-8000-000000000001';
const amount = { amount: 40, currency: 'EUR' };
const none = payment.initialState;
const absent: Account = { status: 'absent' };
const open = (balance: number, currency = 'EUR'): Account => ({
  status: 'open',
  accountId: 'ada',
  currency,
  balance,
});

const pay = (state: Payment, customer: Account, paymentMethod: PaymentMethod = 'account') =>
  processPayment(paymentCommands.ProcessPayment({ orderId, customerId: 'ada', amount, paymentMethod }), {
    payment: state,
    customer,
  });
const refund = (state: Payment) =>
  refundPayment(
    paymentCommands.RefundPayment({ orderId, customerId: 'ada' }),
    { payment: state, isReturned: false },
    'refund-command',
  );

/**
 * Decides on an answer of the provider. Returns the decision in the form of a decision on two
 * streams.
 */
function settle(command: PaymentCommand, state: Payment): PaymentDecision {
  const outcome = payment.decide(command, state);
  if (isRejected(outcome)) throw new Error('a payment rejects no answer of the provider');
  const { events, ...decision } = decisionOf<PaymentEvent, CardCall>(outcome);
  return { events: { payment: events }, ...decision };
}
const charge = (outcome: 'approved' | 'declined', state: Payment) =>
  settle({ type: 'RecordCharge', orderId, outcome }, state);
const givenBack = (state: Payment) => settle({ type: 'RecordRefund', orderId }, state);

const eventsOf = ({ events }: PaymentDecision): readonly PaymentEvent[] => events.payment ?? [];
const after = (...decisions: readonly PaymentDecision[]): Payment =>
  foldEvents(payment, decisions.flatMap(eventsOf));
const told = (decision: PaymentDecision) =>
  eventsOf(decision).map((event) => (event.type === 'PaymentFailed' ? event.reason : event.type));

const charged = pay(none, absent, { card: 'tok_approve' });

describe('a payment from the account', () => {
  it('withdraws what the order costs', () => {
    expect(pay(none, open(40)).events).toEqual({
      payment: [{ type: 'PaymentProcessed', orderId, customerId: 'ada', amount, from: 'account' }],
      customer: [{ type: 'MoneyWithdrawn', accountId: 'ada', amount: 40, orderId }],
    });
  });

  it.each<[string, Account, string]>([
    ['without an account', { status: 'absent' }, 'unknown_account'],
    ['with too little money', open(39), 'insufficient_funds'],
    ['in another currency', open(400, 'USD'), 'insufficient_funds'],
  ])('fails %s, and moves nothing', (_what, customer, reason) => {
    const decision = pay(none, customer);
    expect(told(decision)).toEqual([reason]);
    expect(decision.events.customer).toBeUndefined();
  });

  it('is refunded as a deposit', () => {
    const paid = after(pay(none, open(40)));
    expect(refund(paid).events).toEqual({
      payment: [{ type: 'PaymentRefunded', orderId, amount }],
      customer: [{ type: 'MoneyDeposited', accountId: 'ada', amount: 40, orderId }],
    });
  });

  it('refunds nothing if it failed', () => {
    const unpaid = after(pay(none, open(0)));
    expect(refund(unpaid).events).toEqual({
      payment: [{ type: 'PaymentRefunded', orderId, amount: { amount: 0, currency: 'EUR' } }],
    });
  });
});

describe('a card payment', () => {
  it('starts as a request to the provider, with the token kept in its personal part', () => {
    expect(eventsOf(charged)).toEqual([
      {
        type: 'CardChargeRequested',
        orderId,
        customerId: 'ada',
        amount,
        personal: { subject: 'ada', token: 'tok_approve' },
      },
    ]);
    expect(charged.calls).toEqual([
      { type: 'ChargeCard', orderId, customerId: 'ada', token: 'tok_approve', amount },
    ]);
  });

  it('is published once the provider has answered', () => {
    expect(told(charge('approved', after(charged)))).toEqual(['PaymentProcessed']);
    expect(told(charge('declined', after(charged)))).toEqual(['card_declined']);
  });

  it('is undone at the provider before the refund is published', () => {
    const approved = charge('approved', after(charged));
    const undoing = refund(after(charged, approved));
    expect(told(undoing)).toEqual(['RefundRequested']);
    expect(undoing.calls).toEqual([{ type: 'RefundCharge', orderId }]);
    expect(eventsOf(givenBack(after(charged, approved, undoing)))).toEqual([
      { type: 'PaymentRefunded', orderId, amount },
    ]);
  });

  it('delays the refund while its outcome is unknown', () => {
    const waiting = refund(after(charged));
    expect(told(waiting)).toEqual(['RefundRequested']);
    expect(waiting.calls).toBeUndefined();
  });

  it('is undone if it is approved after the refund was requested, and only the refund is published', () => {
    const waiting = refund(after(charged));
    const settled = charge('approved', after(charged, waiting));
    expect(told(settled)).toEqual(['UnwantedChargeApproved']);
    expect(settled.calls).toEqual([{ type: 'RefundCharge', orderId }]);
    expect(settled.answers).toBe('refund-command');
    const undoing = after(charged, waiting, settled);
    expect(told(givenBack(undoing))).toEqual(['PaymentRefunded']);
    expect(told(charge('approved', undoing))).toEqual([]);
  });

  it('refunds nothing if it is declined after the refund was requested', () => {
    const settled = charge('declined', after(charged, refund(after(charged))));
    expect(eventsOf(settled)).toEqual([
      { type: 'PaymentRefunded', orderId, amount: { amount: 0, currency: 'EUR' } },
    ]);
    expect(settled.answers).toBe('refund-command');
  });
});

describe('a refund that comes before its payment', () => {
  const voided = refund(none);

  it('is answered, and the late payment changes nothing', () => {
    expect(eventsOf(voided)).toEqual([{ type: 'PaymentRefunded', orderId, amount: null }]);
    expect(pay(after(voided), open(400))).toEqual({ events: {} });
  });
});

describe('any order of commands and answers', () => {
  const input = fc.constantFrom('pay', 'pay by card', 'refund', 'approved', 'declined', 'given back');

  it('D04 leads to at most one answer each to the payment and to the refund, and loses no money', () => {
    fc.assert(
      fc.property(fc.array(input, { maxLength: 12 }), (inputs) => {
        let state: Payment = none;
        let customer: Account = open(50);
        const answers: string[] = [];
        for (const each of inputs) {
          const decision = decide(each, state, customer);
          state = foldEvents(payment, eventsOf(decision), state);
          customer = foldEvents(account, decision.events.customer ?? [], customer);
          answers.push(...eventsOf(decision).map(({ type }) => type));
        }
        const count = (...types: string[]) => answers.filter((type) => types.includes(type)).length;
        expect(count('PaymentProcessed', 'PaymentFailed')).toBeLessThanOrEqual(1);
        expect(count('PaymentRefunded')).toBeLessThanOrEqual(1);
        const taken = state.status === 'processed' && state.from === 'account' ? 40 : 0;
        expect('balance' in customer && customer.balance).toBe(50 - taken);
      }),
    );
  });

  function decide(input: string, state: Payment, customer: Account): PaymentDecision {
    if (input === 'pay') return pay(state, customer);
    if (input === 'pay by card') return pay(state, customer, { card: 'tok_slow' });
    if (input === 'refund') return refund(state);
    if (input === 'given back') return givenBack(state);
    return charge(input === 'approved' ? 'approved' : 'declined', state);
  }
});
