import { describe, expect, it } from '@jest/globals';
import { paymentCommands, type PaymentMethod } from '@millrace/contracts';
import { fc } from '@millrace/testing/random';
import { account, type Account } from './account.ts';
import {
  chargeSettled,
  processPayment,
  refundPayment,
  refundSettled,
  type PaymentDecision,
} from './decide-payment.ts';
import { evolvePayment, noPayment, type Payment } from './payment.ts';

const orderId = '0199f000-0000-4000-8000-000000000001';
const amount = { amount: 40, currency: 'EUR' };
const open = (balance: number, currency = 'EUR'): Account => ({
  status: 'open',
  accountId: 'ada',
  currency,
  balance,
});
const pay = (paymentMethod: PaymentMethod = 'account') =>
  paymentCommands.ProcessPayment({ orderId, customerId: 'ada', amount, paymentMethod });
const refund = paymentCommands.RefundPayment({ orderId, customerId: 'ada' });
const after = (...decisions: readonly PaymentDecision[]): Payment =>
  decisions.flatMap(({ payment }) => payment).reduce(evolvePayment, noPayment);
const told = ({ payment }: PaymentDecision) =>
  payment.map((event) => (event.type === 'PaymentFailed' ? event.reason : event.type));

const charged = processPayment(pay({ card: 'tok_approve' }), noPayment, { status: 'absent' });

describe('a payment from the account', () => {
  it('withdraws what the order costs', () => {
    expect(processPayment(pay(), noPayment, open(40))).toEqual({
      payment: [{ type: 'PaymentProcessed', orderId, customerId: 'ada', amount, from: 'account' }],
      account: [{ type: 'MoneyWithdrawn', accountId: 'ada', amount: 40, orderId }],
    });
  });

  it.each<[string, Account, string]>([
    ['without an account', { status: 'absent' }, 'unknown_account'],
    ['with too little', open(39), 'insufficient_funds'],
    ['in another currency', open(400, 'USD'), 'insufficient_funds'],
  ])('fails %s, and moves nothing', (_what, customer, reason) => {
    const decision = processPayment(pay(), noPayment, customer);
    expect(told(decision)).toEqual([reason]);
    expect(decision.account).toEqual([]);
  });

  it('comes back as a deposit', () => {
    const paid = after(processPayment(pay(), noPayment, open(40)));
    expect(refundPayment(refund, paid)).toEqual({
      payment: [{ type: 'PaymentRefunded', orderId, amount }],
      account: [{ type: 'MoneyDeposited', accountId: 'ada', amount: 40, orderId }],
    });
  });

  it('that failed is refunded with nothing', () => {
    const unpaid = after(processPayment(pay(), noPayment, open(0)));
    expect(refundPayment(refund, unpaid)).toEqual({
      payment: [{ type: 'PaymentRefunded', orderId, amount: { amount: 0, currency: 'EUR' } }],
      account: [],
    });
  });
});

describe('a card payment', () => {
  it('is an intent first, with the token kept apart', () => {
    expect(charged.payment).toEqual([
      { type: 'CardChargeRequested', orderId, customerId: 'ada', amount, personal: { token: 'tok_approve' } },
    ]);
    expect(charged.call).toEqual({ kind: 'charge', token: 'tok_approve', amount });
  });

  it('is told when the provider has answered', () => {
    expect(told(chargeSettled(orderId, 'approved', after(charged)))).toEqual(['PaymentProcessed']);
    expect(told(chargeSettled(orderId, 'declined', after(charged)))).toEqual(['card_declined']);
  });

  it('that was taken is undone at the provider before the refund is told', () => {
    const paid = after(charged, chargeSettled(orderId, 'approved', after(charged)));
    const undoing = refundPayment(refund, paid);
    expect(told(undoing)).toEqual(['RefundRequested']);
    expect(undoing.call).toEqual({ kind: 'refund', amount });
    expect(refundSettled(orderId, evolvePayment(paid, undoing.payment[0]!)).payment).toEqual([
      { type: 'PaymentRefunded', orderId, amount },
    ]);
  });

  it('whose outcome is unknown when the refund comes is waited for', () => {
    const waiting = refundPayment(refund, after(charged));
    expect(told(waiting)).toEqual(['RefundRequested']);
    expect(waiting.call).toBeUndefined();
  });

  it('that turns out approved then is undone, and only the refund is told', () => {
    const pending = after(charged, refundPayment(refund, after(charged)));
    const settled = chargeSettled(orderId, 'approved', pending);
    expect(told(settled)).toEqual(['UnwantedChargeApproved']);
    expect(settled.call).toEqual({ kind: 'refund', amount });
    const undoing = settled.payment.reduce(evolvePayment, pending);
    expect(told(refundSettled(orderId, undoing))).toEqual(['PaymentRefunded']);
    expect(chargeSettled(orderId, 'approved', undoing)).toEqual({ payment: [], account: [] });
  });

  it('that turns out declined then is refunded with nothing', () => {
    const pending = after(charged, refundPayment(refund, after(charged)));
    expect(chargeSettled(orderId, 'declined', pending).payment).toEqual([
      { type: 'PaymentRefunded', orderId, amount: { amount: 0, currency: 'EUR' } },
    ]);
  });
});

describe('a refund that comes before its payment', () => {
  const voided = refundPayment(refund, noPayment);

  it('is answered, and refuses the late payment', () => {
    expect(voided.payment).toEqual([{ type: 'PaymentRefunded', orderId, amount: null }]);
    expect(processPayment(pay(), after(voided), open(400))).toEqual({ payment: [], account: [] });
  });
});

describe('any order of commands and answers', () => {
  const input = fc.constantFrom('pay', 'pay by card', 'refund', 'approved', 'declined', 'given back');

  it('answers a payment and a refund once at most each, and keeps the money', () => {
    fc.assert(
      fc.property(fc.array(input, { maxLength: 12 }), (inputs) => {
        let payment: Payment = noPayment;
        let customer: Account = open(50);
        const answers: string[] = [];
        for (const each of inputs) {
          const decision = decide(each, payment, customer);
          payment = decision.payment.reduce(evolvePayment, payment);
          customer = decision.account.reduce(account.evolve, customer);
          answers.push(...decision.payment.map(({ type }) => type));
        }
        const count = (...types: string[]) => answers.filter((type) => types.includes(type)).length;
        expect(count('PaymentProcessed', 'PaymentFailed')).toBeLessThanOrEqual(1);
        expect(count('PaymentRefunded')).toBeLessThanOrEqual(1);
        const taken = payment.status === 'processed' && payment.from === 'account' ? 40 : 0;
        expect('balance' in customer && customer.balance).toBe(50 - taken);
      }),
    );
  });

  function decide(input: string, payment: Payment, customer: Account): PaymentDecision {
    if (input === 'pay') return processPayment(pay(), payment, customer);
    if (input === 'pay by card') return processPayment(pay({ card: 'tok_slow' }), payment, customer);
    if (input === 'refund') return refundPayment(refund, payment);
    if (input === 'given back') return refundSettled(orderId, payment);
    return chargeSettled(orderId, input === 'approved' ? 'approved' : 'declined', payment);
  }
});
