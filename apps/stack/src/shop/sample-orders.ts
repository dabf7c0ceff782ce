/**
 * The customers and products that the sample orders need. Every start tops them up to these
 * figures.
 */
export const sampleAccounts = [
  { customerId: 'ada', currency: 'EUR', balance: 1_000_00 },
  { customerId: 'bob', currency: 'EUR', balance: 5_00 },
] as const;

export const sampleProducts = [
  { sku: 'lamp', name: 'Desk lamp', price: { amount: 24_90, currency: 'EUR' }, onHand: 100 },
  { sku: 'chair', name: 'Oak chair', price: { amount: 89_00, currency: 'EUR' }, onHand: 50 },
  { sku: 'vase', name: 'One-off vase', price: { amount: 49_00, currency: 'EUR' }, onHand: 1 },
] as const;

export interface SampleOrder {
  readonly scenario: string;
  readonly customerId: string;
  readonly lines: ReadonlyArray<{ readonly sku: string; readonly quantity: number }>;
  readonly postcode?: string;
  readonly card?: string;
  /** Whether the customer cancels the order as soon as its payment has been requested. */
  readonly cancel?: boolean;
  /** What the customer sends back once the order is completed. */
  readonly returns?: ReadonlyArray<{ readonly sku: string; readonly quantity: number }>;
  readonly expected: {
    readonly outcome: 'completed' | 'cancelled' | 'returned' | 'return closed';
    readonly reason?: string;
  };
}

export const sampleOrders: readonly SampleOrder[] = [
  {
    scenario: 'completed, one line',
    customerId: 'ada',
    lines: [{ sku: 'lamp', quantity: 1 }],
    expected: { outcome: 'completed' },
  },
  {
    scenario: 'completed, several lines',
    customerId: 'ada',
    lines: [
      { sku: 'lamp', quantity: 2 },
      { sku: 'chair', quantity: 1 },
    ],
    expected: { outcome: 'completed' },
  },
  {
    scenario: 'out of stock',
    customerId: 'ada',
    lines: [{ sku: 'vase', quantity: 3 }],
    expected: { outcome: 'cancelled', reason: 'out_of_stock' },
  },
  {
    scenario: 'lack of funds',
    customerId: 'bob',
    lines: [{ sku: 'chair', quantity: 1 }],
    expected: { outcome: 'cancelled', reason: 'insufficient_funds' },
  },
  {
    scenario: 'card is declined',
    customerId: 'bob',
    lines: [{ sku: 'lamp', quantity: 1 }],
    card: 'tok_decline',
    expected: { outcome: 'cancelled', reason: 'card_declined' },
  },
  {
    scenario: 'charge whose answer is lost',
    customerId: 'bob',
    lines: [{ sku: 'lamp', quantity: 1 }],
    card: 'tok_late',
    expected: { outcome: 'completed' },
  },
  {
    scenario: 'answer lost, then refunded',
    customerId: 'bob',
    lines: [{ sku: 'lamp', quantity: 1 }],
    card: 'tok_late',
    postcode: '00000',
    expected: { outcome: 'cancelled', reason: 'address_refused' },
  },
  {
    scenario: 'carrier refuses the postcode',
    customerId: 'ada',
    lines: [{ sku: 'lamp', quantity: 1 }],
    postcode: '00000',
    expected: { outcome: 'cancelled', reason: 'address_refused' },
  },
  {
    scenario: 'carrier answers too late',
    customerId: 'ada',
    lines: [{ sku: 'lamp', quantity: 1 }],
    postcode: '99999',
    expected: { outcome: 'cancelled', reason: 'step_timeout' },
  },
  {
    scenario: 'customer cancels in time',
    customerId: 'ada',
    lines: [{ sku: 'chair', quantity: 1 }],
    card: 'tok_slow',
    // The order cannot complete before it is cancelled, however slow this machine is.
    postcode: '99999',
    cancel: true,
    expected: { outcome: 'cancelled', reason: 'cancelled_by_customer' },
  },
  {
    scenario: 'one of two lamps comes back',
    customerId: 'ada',
    lines: [{ sku: 'lamp', quantity: 2 }],
    returns: [{ sku: 'lamp', quantity: 1 }],
    expected: { outcome: 'returned' },
  },
  {
    scenario: 'return without a refund',
    customerId: 'bob',
    lines: [{ sku: 'lamp', quantity: 1 }],
    card: 'tok_refund_refused',
    returns: [{ sku: 'lamp', quantity: 1 }],
    expected: { outcome: 'return closed', reason: 'refund_refused' },
  },
];

/** One row of the table. */
export interface SampleResult {
  /** Null when the order could not even be placed. */
  readonly orderId: string | null;
  /** The id of everything that the order has caused. */
  readonly correlationId: string;
  readonly scenario: string;
  readonly expected: string;
  /**
   * `completed` or `cancelled`, `returned` or `return closed`, `not placed`, or the last status of an
   * order that did not end in time.
   */
  readonly outcome: string;
  /** The reason for the cancellation, or why the order did not end. */
  readonly reason: string | null;
  /** The steps of the saga whose commands were sent, in their order. */
  readonly steps: readonly string[];
  readonly compensations: readonly string[];
  readonly durationMs: number;
}

export const describe = (outcome: string, reason?: string | null): string =>
  reason == null ? outcome : `${outcome} (${reason})`;

export const expectedOf = ({ expected }: SampleOrder): string => describe(expected.outcome, expected.reason);

export const endedAsExpected = (result: SampleResult): boolean =>
  describe(result.outcome, result.reason) === result.expected;

const shortened = { SAGA_STEP_TIMEOUT_MS: '4000', ORDER_DEADLINE_MS: '12000' };

/**
 * Returns settings for the services while the sample orders are placed. In one sample the carrier
 * answers only once the order has been given up, so the step timeout of the saga and the deadline of
 * choreographed orders are shortened unless the environment sets them.
 */
export function sampleSettings(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(shortened).filter(([name]) => (environment[name]?.trim() ?? '') === ''),
  );
}
