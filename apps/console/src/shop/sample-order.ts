import type { Scenario } from './views.ts';

/** An order that a visitor places with one click. The provider and the carrier are simulated. */
export interface SampleOrder extends Scenario {
  readonly customerId: 'ada' | 'bob';
  readonly lines: ReadonlyArray<{ readonly sku: string; readonly quantity: number }>;
  readonly postcode: string;
  readonly card?: string;
  /** How the order is fulfilled; by default as the order service is set. */
  readonly style?: 'choreographed';
  /** Whether the customer cancels once the payment is asked for. */
  readonly cancels?: true;
  /** The lines that the customer returns once the order is completed. */
  readonly returns?: ReadonlyArray<{ readonly sku: string; readonly quantity: number }>;
}
