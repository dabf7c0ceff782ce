import type { Money, PaymentMethod } from '@millrace/contracts';
import {
  declareEvents,
  firstVersion,
  isErased,
  type Erased,
  type Folding,
  type PersonalPart,
} from '@millrace/event-sourcing';
import type { Account } from '../domain/account.ts';
import type { AccountEvent, PaymentEvent } from '../domain/events.ts';
import { processPayment, type Payment, type PaymentDecision } from '../domain/payment.ts';

/** How the customer pays. */
interface DetailsPersonal extends PersonalPart {
  readonly paymentMethod: PaymentMethod;
}

interface Details {
  readonly customerId: string;
  readonly amount: Money;
  readonly personal: DetailsPersonal | Erased;
}

export type AwaitedPaymentEvent =
  | ({ readonly type: 'PaymentDetailsReceived'; readonly orderId: string } & Details)
  | { readonly type: 'ReservationSeen'; readonly orderId: string };

export const awaitedPaymentEventTypes = declareEvents<AwaitedPaymentEvent>({
  PaymentDetailsReceived: firstVersion,
  ReservationSeen: firstVersion,
});

/** What has arrived of the two things that payment waits for before it charges a choreographed order. */
export interface AwaitedPayment {
  readonly details?: Details;
  readonly isReserved: boolean;
}

const initialState: AwaitedPayment = { isReserved: false };

export const awaitedPayment: Folding<AwaitedPaymentEvent, AwaitedPayment> = { initialState, evolve };

interface States {
  readonly awaited: AwaitedPayment;
  readonly payment: Payment;
  readonly customer: Account;
}

interface AwaitedDecision {
  readonly events: {
    readonly awaited: readonly AwaitedPaymentEvent[];
    readonly payment?: readonly PaymentEvent[];
    readonly customer?: readonly AccountEvent[];
  };
  readonly calls?: PaymentDecision['calls'];
}

/** Records what has arrived, and charges once both have. Details that were erased charge nobody. */
export function payOnceComplete(arrived: AwaitedPaymentEvent, states: States): AwaitedDecision {
  const awaited = isNews(arrived, states.awaited) ? [arrived] : [];
  const { details, isReserved } = awaited.reduce(evolve, states.awaited);
  if (!isReserved || details === undefined || isErased(details.personal)) return { events: { awaited } };
  const { customerId, amount, personal } = details;
  const { paymentMethod } = personal;
  const { orderId } = arrived;
  const { events, calls } = processPayment(
    { type: 'ProcessPayment', orderId, customerId, amount, paymentMethod },
    states,
  );
  return { events: { awaited, ...events }, calls };
}

const isNews = ({ type }: AwaitedPaymentEvent, { details, isReserved }: AwaitedPayment): boolean =>
  type === 'ReservationSeen' ? !isReserved : details === undefined;

function evolve(state: AwaitedPayment, event: AwaitedPaymentEvent): AwaitedPayment {
  if (event.type === 'ReservationSeen') return { ...state, isReserved: true };
  const { customerId, amount, personal } = event;
  return { ...state, details: { customerId, amount, personal } };
}
