import type { ShownSaga } from '../api/sagas.ts';
import type { Trace } from '../api/trace.ts';

/** An order that shows one thing that can happen, and why it does. */
export interface Scenario {
  readonly id: string;
  readonly name: string;
  /** What happens, and which pattern it shows, as sentences. */
  readonly story: string;
}

export interface Money {
  /** In the smallest unit, such as cents. */
  readonly amount: number;
  readonly currency: string;
}

export interface ProductView {
  readonly sku: string;
  readonly name: string;
  readonly price: Money;
  readonly onHand: number;
  readonly reserved: number;
}

export interface OrderView {
  readonly orderId: string;
  readonly customerId: string;
  readonly status: string;
  readonly reason?: string;
  readonly lines: ReadonlyArray<{ readonly sku: string; readonly quantity: number }>;
  readonly total: Money;
  readonly placedAt: string;
}

export interface AccountView {
  readonly customerId: string;
  readonly balance: Money;
}

/** What the shop itself shows. */
export interface ShopView {
  readonly scenarios: readonly Scenario[];
  readonly products?: readonly ProductView[];
  readonly accounts?: readonly AccountView[];
  /** The newest first. */
  readonly orders?: readonly OrderView[];
  /** Why services did not answer, one sentence each. What they have said before is still shown. */
  readonly missing: readonly string[];
}

export interface MailView {
  readonly kind: string;
  readonly subject: string;
  readonly status: string;
  readonly sentAt?: string;
}

export interface ReturnView {
  readonly status: string;
  readonly reason?: string;
  readonly refund: Money;
}

/** What has happened inside for one order. */
export interface OrderInside {
  readonly order: OrderView;
  readonly orderReturn?: ReturnView | null;
  /** That of the order, and that of its return. */
  readonly sagas: readonly ShownSaga[];
  readonly trace: Pick<Trace, 'events' | 'messages'>;
  readonly mails?: readonly MailView[];
  /** Why services did not answer, one sentence each. What they have said before is still shown. */
  readonly missing: readonly string[];
}
