import type { ShownSaga } from '../api/sagas.ts';
import type { Trace } from '../api/trace.ts';

/** A sample order, with the outcome that it shows and the reason. */
export interface Scenario {
  readonly id: string;
  readonly name: string;
  /** What happens, and which pattern it shows, as sentences. */
  readonly story: string;
}

export interface Money {
  /** The amount in the smallest unit, such as cents. */
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

/** The data of the shop's page. */
export interface ShopView {
  readonly scenarios: readonly Scenario[];
  readonly products?: readonly ProductView[];
  readonly accounts?: readonly AccountView[];
  /** The orders, the newest first. */
  readonly orders?: readonly OrderView[];
  /**
   * The reasons why services did not answer, one sentence each. Their earlier answers are still
   * shown.
   */
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

/** A step of the order's fulfillment, or what undoes it. */
export interface StepView {
  readonly name: string;
  readonly status: string;
  readonly sentAt: string | null;
  readonly repliedAt: string | null;
}

/** How far the fulfillment of an order has come, whether a saga directs it or not. */
export interface FulfillmentView {
  readonly definition: string;
  readonly status: string;
  readonly steps: readonly StepView[];
  /** The names of what it waits for. */
  readonly waits: ReadonlyArray<{ readonly name: string }>;
  readonly compensations: readonly StepView[];
}

/** The data of the page of one order. */
export interface OrderInside {
  readonly order: OrderView;
  readonly orderReturn?: ReturnView | null;
  /** Null until the fulfillment has started. */
  readonly fulfillment?: FulfillmentView | null;
  /** The saga of the order if it has one, and that of its return. */
  readonly sagas: readonly ShownSaga[];
  readonly correlations: readonly string[];
  /** The address of the app that has the log lines, if it runs. */
  readonly logsUrl?: string;
  readonly trace: Pick<Trace, 'events' | 'messages'>;
  readonly mails?: readonly MailView[];
  /**
   * The reasons why services did not answer, one sentence each. Their earlier answers are still
   * shown.
   */
  readonly missing: readonly string[];
}
