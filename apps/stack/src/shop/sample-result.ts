import type { SampleOrder } from './sample-orders.ts';

/** One row of the table. */
export interface SampleResult {
  /** Null when the order could not even be placed. */
  readonly orderId: string | null;
  readonly scenario: string;
  readonly expected: string;
  /**
   * `completed` or `cancelled`, `not placed`, or the last status of an order that did not end in
   * time.
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
