import { describe, expect, it } from '@jest/globals';
import { paymentCommands } from '@millrace/contracts';
import { decisionOf, foldEvents, isRejected, type Decision } from '@millrace/event-sourcing';
import { publicMessages } from '../public-messages.ts';
import { type Account, account } from './account.ts';
import type { ReturnRefundEvent } from './events.ts';
import { payment, refundPayment, type Payment } from './payment.ts';
import {
  hasReturned,
  refundReturn,
  returnRefund,
  reverseReturnRefund,
  type RefundOutcome,
  type ReturnCall,
  type ReturnRefund,
  type ReturnRefundDecision,
} from './return-refund.ts';

const orderId = '0199f000-0000-4000-8000-000000000001';
const eur = (amount: number) => ({ amount, currency: 'EUR' });
const about = { orderId, customerId: 'ada', amount: eur(15) };
const none = returnRefund.initialState;
const paid = (from: 'account' | 'card', amount = 40): Payment => ({
  status: 'processed',
  from,
  customerId: 'ada',
  amount: eur(amount),
});
const ada: Account = { status: 'open', accountId: 'ada', currency: 'EUR', balance: 60 };

interface Known {
  readonly returned?: ReturnRefund;
  readonly payment?: Payment;
  readonly customer?: Account;
}
const refund = ({ returned = none, payment = paid('account'), customer = ada }: Known, amount = eur(15)) =>
  refundReturn(paymentCommands.RefundReturn({ ...about, amount }), { returned, payment, customer });
const reverse = (returned: ReturnRefund) =>
  reverseReturnRefund(
    paymentCommands.ReverseReturnRefund({ orderId, customerId: 'ada' }),
    { returned },
    'reversal',
  );

type Returned = Decision<readonly ReturnRefundEvent[], ReturnCall>;

function answer(outcome: RefundOutcome | 'reversed', state: ReturnRefund): Returned {
  const decided = returnRefund.decide(
    outcome === 'reversed'
      ? { type: 'RecordReversal', orderId }
      : { type: 'RecordReturnRefund', orderId, outcome },
    state,
  );
  if (isRejected(decided)) throw new Error('a refund rejects no answer of the provider');
  return decisionOf<ReturnRefundEvent, ReturnCall>(decided);
}

const eventsOf = ({ events }: ReturnRefundDecision) => events.returned ?? [];
const after = (...events: ReadonlyArray<readonly ReturnRefundEvent[]>): ReturnRefund =>
  foldEvents(returnRefund, events.flat());
const told = (events: readonly ReturnRefundEvent[]) =>
  events.flatMap(publicMessages).map(({ message: { type } }) => type);

const requested = eventsOf(refund({ payment: paid('card') }));
const made = answer('refunded', after(requested)).events;
const reversalBegun = eventsOf(reverse(after(requested)));

describe('the refund of a return to the account', () => {
  const refunded = refund({});

  it('deposits the part, and says that it is for a return', () => {
    expect(refunded).toEqual({
      events: {
        returned: [{ type: 'ReturnRefunded', ...about, to: 'account' }],
        customer: [{ type: 'MoneyDeposited', accountId: 'ada', amount: 15, orderId, purpose: 'return' }],
      },
    });
  });

  it('may be the whole payment', () => {
    expect(told(eventsOf(refund({}, eur(40))))).toEqual(['ReturnRefunded']);
  });

  it('is withdrawn when it is reversed', () => {
    expect(reverse(after(eventsOf(refunded)))).toEqual({
      events: {
        returned: [{ type: 'ReturnRefundReversed', orderId, amount: eur(15) }],
        customer: [{ type: 'MoneyWithdrawn', accountId: 'ada', amount: 15, orderId, purpose: 'return' }],
      },
    });
  });

  it('is owed by a customer who has spent it before it is reversed', () => {
    const { events } = reverse(after(eventsOf(refunded)));
    const owing = foldEvents(account, events.customer ?? [], { ...ada, balance: 5 });
    expect(owing).toMatchObject({ balance: -10 });
    expect(account.decide({ type: 'Withdraw', accountId: 'ada', amount: 1 }, owing)).toMatchObject({
      rejected: 'insufficient_funds',
    });
  });
});

describe('the refund of a return', () => {
  it.each<[string, Known, number]>([
    ['that exceeds the payment', {}, 41],
    ['without a payment', { payment: payment.initialState }, 15],
    ['of a payment that was refunded', { payment: { status: 'refunded', amount: eur(40) } }, 15],
    ["of another customer's payment", { payment: { ...paid('account'), customerId: 'eve' } as Payment }, 15],
  ])('is refused for a return %s, and moves nothing', (_what, known, amount) => {
    expect(refund(known, eur(amount))).toEqual({
      events: { returned: [{ type: 'ReturnRefundRefused', orderId, reason: 'refund_refused' }] },
    });
  });

  it('is refused in another currency, and for a customer without an account', () => {
    expect(told(eventsOf(refund({}, { amount: 15, currency: 'USD' })))).toEqual(['ReturnRefundRefused']);
    expect(eventsOf(refund({ customer: account.initialState }))).toMatchObject([
      { reason: 'unknown_account' },
    ]);
  });

  it('keeps the rest of the payment from being refunded later', () => {
    const isReturned = hasReturned(after(eventsOf(refund({}))));
    const command = paymentCommands.RefundPayment({ orderId, customerId: 'ada' });
    const late = refundPayment(command, { payment: paid('account'), isReturned }, 'late');
    expect(late.events).toEqual({ payment: [{ type: 'PaymentRefunded', orderId, amount: eur(0) }] });
  });
});

describe('the refund of a return to the card', () => {
  it('is published once the provider has answered', () => {
    expect(refund({ payment: paid('card'), customer: account.initialState }).calls).toEqual([
      { type: 'RefundPart', orderId, amount: eur(15) },
    ]);
    expect(told(requested)).toEqual([]);
    expect(told(made)).toEqual(['ReturnRefunded']);
    expect(answer('refused', after(requested)).events).toEqual([
      { type: 'ReturnRefundRefused', orderId, reason: 'refund_refused' },
    ]);
  });

  it('is reversed at the provider before its reversal is published', () => {
    const reversing = reverse(after(requested, made));
    expect(reversing.calls).toEqual([{ type: 'ReverseRefund', orderId }]);
    expect(told(eventsOf(reversing))).toEqual([]);
    expect(answer('reversed', after(requested, made, eventsOf(reversing))).events).toEqual([
      { type: 'ReturnRefundReversed', orderId, amount: eur(15) },
    ]);
  });

  it('delays its reversal while its outcome is unknown, and is then undone', () => {
    expect(reverse(after(requested)).calls).toBeUndefined();
    const unwanted = answer('refunded', after(requested, reversalBegun));
    expect(told(unwanted.events)).toEqual([]);
    expect(unwanted).toMatchObject({ calls: [{ type: 'ReverseRefund' }], answers: 'reversal' });
    const undoing = after(requested, reversalBegun, unwanted.events);
    expect(told(answer('reversed', undoing).events)).toEqual(['ReturnRefundReversed']);
  });

  it('needs no undoing if it is refused after its reversal was requested', () => {
    expect(answer('refused', after(requested, reversalBegun))).toEqual({
      events: [{ type: 'ReturnRefundReversed', orderId, amount: null }],
      answers: 'reversal',
    });
  });
});

describe('the reversal of a refund', () => {
  it('is answered if it comes first, and the late refund changes nothing', () => {
    const first = eventsOf(reverse(none));
    expect(first).toEqual([{ type: 'ReturnRefundReversed', orderId, amount: null }]);
    expect(refund({ returned: after(first) })).toEqual({ events: {} });
  });

  it('is answered if the refund was refused', () => {
    const refused = answer('refused', after(requested)).events;
    expect(eventsOf(reverse(after(requested, refused)))).toEqual([
      { type: 'ReturnRefundReversed', orderId, amount: null },
    ]);
  });
});
