import { describe, expect, it } from '@jest/globals';
import { paymentCommands } from '@millrace/contracts';
import { decisionOf, foldEvents, isRejected, type Decision } from '@millrace/event-sourcing';
import { fc } from '@millrace/testing/random';
import { publicMessages } from '../public-messages.ts';
import { type Account, account } from './account.ts';
import type { AccountEvent, PaymentEvent, ReturnRefundEvent } from './events.ts';
import { payment, processPayment, refundPayment, type CardCall } from './payment.ts';
import {
  hasReturned,
  refundReturn,
  returnRefund,
  reverseReturnRefund,
  type RefundOutcome,
  type ReturnCall,
  type ReturnRefundCommand,
} from './return-refund.ts';

const orderId = '0199f000-0000-4000-8000-000000000001';
const eur = (amount: number) => ({ amount, currency: 'EUR' });
const about = { orderId, customerId: 'ada', amount: eur(15) };

type AnyCall = CardCall | ReturnCall;

/** Payment with its streams, an account and a provider that keeps its own books. */
class PaymentWorld {
  payment = payment.initialState;
  returned = returnRefund.initialState;
  customer: Account;
  /** What the provider has taken from the card, net of what it gave back. */
  onCard = 0;
  readonly answers: string[] = [];
  readonly #refusesRefunds: boolean;
  readonly #pending: AnyCall[] = [];
  /** Answers of the provider, which may be delivered again. */
  readonly #answered: (() => void)[] = [];
  /** What each key has led to at the provider. */
  readonly #known = new Map<AnyCall['type'], string>();
  #charge = 0;

  constructor(balance: number, refusesRefunds: boolean) {
    this.customer = { status: 'open', accountId: 'ada', currency: 'EUR', balance };
    this.#refusesRefunds = refusesRefunds;
  }

  play(input: Input): void {
    const states = { payment: this.payment, returned: this.returned, customer: this.customer };
    switch (input.type) {
      case 'pay': {
        const paymentMethod = input.by === 'card' ? { card: 'tok_slow' } : 'account';
        const command = { orderId, customerId: 'ada', amount: eur(40), paymentMethod } as const;
        return this.#write(processPayment(paymentCommands.ProcessPayment(command), states));
      }
      case 'refund':
        return this.#write(
          refundPayment(
            paymentCommands.RefundPayment({ orderId, customerId: 'ada' }),
            { payment: this.payment, isReturned: hasReturned(this.returned) },
            'refund',
          ),
        );
      case 'refund the return':
        return this.#write(refundReturn(paymentCommands.RefundReturn(about), states));
      case 'reverse':
        return this.#write(
          reverseReturnRefund(
            paymentCommands.ReverseReturnRefund({ orderId, customerId: 'ada' }),
            states,
            'reversal',
          ),
        );
      case 'spend': {
        const spent = account.decide({ type: 'Withdraw', accountId: 'ada', amount: 20 }, this.customer);
        return this.#write({ events: isRejected(spent) ? {} : { customer: decisionOf(spent).events } });
      }
      case 'the provider answers': {
        const [call] = this.#pending.splice(input.at % Math.max(1, this.#pending.length), 1);
        if (call === undefined) return;
        const deliver = this.#atProvider(call);
        this.#answered.push(deliver);
        // The service is killed before it records the answer, and asks again.
        if (input.isLost) this.#pending.push(call);
        else deliver();
        return;
      }
      case 'an answer is repeated':
        return this.#answered[input.at % Math.max(1, this.#answered.length)]?.();
    }
  }

  /** Lets the provider answer every call. */
  settle(): void {
    while (this.#pending.length > 0) this.play({ type: 'the provider answers', at: 0, isLost: false });
  }

  /** Moves money at the first request of each key, and returns the delivery of the answer. */
  #atProvider(call: AnyCall): () => void {
    const isNew = !this.#known.has(call.type);
    const outcome = (decide: () => string): string => {
      if (isNew) this.#known.set(call.type, decide());
      return this.#known.get(call.type) ?? '';
    };
    switch (call.type) {
      case 'ChargeCard': {
        if (isNew) this.onCard += this.#charge = call.amount.amount;
        outcome(() => 'approved');
        return () => this.#writePayment({ type: 'RecordCharge', orderId, outcome: 'approved' });
      }
      case 'RefundCharge':
        if (isNew) this.onCard -= this.#charge;
        outcome(() => 'refunded');
        return () => this.#writePayment({ type: 'RecordRefund', orderId });
      case 'RefundPart': {
        const decided = outcome(() => (this.#refusesRefunds ? 'refused' : 'refunded')) as RefundOutcome;
        if (isNew && decided === 'refunded') this.onCard -= call.amount.amount;
        return () => this.#writeReturn({ type: 'RecordReturnRefund', orderId, outcome: decided });
      }
      case 'ReverseRefund':
        if (this.#known.get('RefundPart') !== 'refunded') throw new Error('there is no refund to reverse');
        if (isNew) this.onCard += about.amount.amount;
        outcome(() => 'reversed');
        return () => this.#writeReturn({ type: 'RecordReversal', orderId });
    }
  }

  #writePayment(command: Parameters<typeof payment.decide>[0]): void {
    const decided = payment.decide(command, this.payment);
    if (isRejected(decided)) throw new Error('a payment rejects no answer of the provider');
    const { events, calls = [] } = decisionOf<PaymentEvent, CardCall>(decided);
    this.#write({ events: { payment: events }, calls });
  }

  #writeReturn(command: ReturnRefundCommand): void {
    const decided = returnRefund.decide(command, this.returned);
    if (isRejected(decided)) throw new Error('a refund rejects no answer of the provider');
    const { events, calls = [] } = decisionOf<ReturnRefundEvent, ReturnCall>(decided);
    this.#write({ events: { returned: events }, calls });
  }

  #write({ events, calls = [] }: AnyDecision): void {
    this.payment = foldEvents(payment, events.payment ?? [], this.payment);
    this.returned = foldEvents(returnRefund, events.returned ?? [], this.returned);
    this.customer = foldEvents(account, events.customer ?? [], this.customer);
    const published = [...(events.payment ?? []), ...(events.returned ?? [])].flatMap(publicMessages);
    this.answers.push(...published.map(({ message: { type } }) => type));
    this.#pending.push(...calls);
  }
}

type AnyDecision = Decision<
  {
    readonly payment?: readonly PaymentEvent[];
    readonly returned?: readonly ReturnRefundEvent[];
    readonly customer?: readonly AccountEvent[];
  },
  AnyCall
>;

type Input =
  | { readonly type: 'pay'; readonly by: 'account' | 'card' }
  | { readonly type: 'refund' | 'refund the return' | 'reverse' | 'spend' }
  | { readonly type: 'the provider answers'; readonly at: number; readonly isLost: boolean }
  | { readonly type: 'an answer is repeated'; readonly at: number };

const at = fc.nat(5);
const input: fc.Arbitrary<Input> = fc.oneof(
  fc.record({ type: fc.constant('pay' as const), by: fc.constantFrom('account' as const, 'card' as const) }),
  fc.record({
    type: fc.constantFrom(
      'refund' as const,
      'refund the return' as const,
      'refund the return' as const,
      'reverse' as const,
      'spend' as const,
    ),
  }),
  fc.record({ type: fc.constant('the provider answers' as const), at, isLost: fc.boolean() }),
  fc.record({ type: fc.constant('an answer is repeated' as const), at }),
);

describe('any order of commands and answers', () => {
  it('D12 answers the refund of a return and its reversal at most once each, and neither makes nor loses money', () => {
    const reached = new Set<string>();
    fc.assert(
      fc.property(fc.array(input, { maxLength: 16 }), fc.boolean(), (inputs, refusesRefunds) => {
        const world = new PaymentWorld(50, refusesRefunds);
        let spent = 0;
        for (const each of inputs) {
          const before = 'balance' in world.customer ? world.customer.balance : 0;
          world.play(each);
          if (each.type === 'spend' && 'balance' in world.customer) spent += before - world.customer.balance;
        }
        world.settle();

        const count = (...types: string[]) => world.answers.filter((type) => types.includes(type)).length;
        expect(count('ReturnRefunded', 'ReturnRefundRefused')).toBeLessThanOrEqual(1);
        expect(count('ReturnRefundReversed')).toBeLessThanOrEqual(1);
        if (inputs.some(({ type }) => type === 'reverse')) expect(count('ReturnRefundReversed')).toBe(1);
        expect(['refunding', 'reversing']).not.toContain(world.returned.status);
        const taken = world.payment.status === 'processed' || keptByReturn(world) ? 40 : 0;
        const back = world.returned.status === 'refunded' ? 15 : 0;
        const balance = 'balance' in world.customer ? world.customer.balance : 0;
        expect(50 - spent - balance + world.onCard).toBe(taken - back);
        reached.add(`${world.returned.status} ${taken}`);
      }),
      { numRuns: 2_000 },
    );
    // The runs reach every end of a refund.
    for (const end of ['refunded 40', 'refused 40', 'reversed 40', 'reversed 0', 'refused 0'])
      expect(reached).toContain(end);
  });

  /** A refund of the whole payment that came too late refunded nothing. */
  const keptByReturn = ({ payment, answers }: PaymentWorld): boolean =>
    payment.status === 'refunded' && payment.amount.amount === 0 && answers.includes('PaymentProcessed');
});
