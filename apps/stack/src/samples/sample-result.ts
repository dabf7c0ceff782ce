import type { SampleOrder } from './sample-orders.ts';

/** One row of the table. */
export interface SampleResult {
  /** Null when the order could not even be placed. */
  readonly orderId: string | null;
  readonly scenario: string;
  readonly expected: string;
  /** `completed` or `cancelled`; where the order did not end in time, the status that it was left in; `not placed`. */
  readonly outcome: string;
  /** Of the cancellation, or why the order did not end. */
  readonly reason: string | null;
  /** Steps of the saga that were asked for, in their order. */
  readonly steps: readonly string[];
  readonly compensations: readonly string[];
  readonly durationMs: number;
}

export const describe = (outcome: string, reason?: string | null): string =>
  reason == null ? outcome : `${outcome} (${reason})`;

export const expectedOf = ({ expected }: SampleOrder): string => describe(expected.outcome, expected.reason);

export const endedAsExpected = (result: SampleResult): boolean =>
  describe(result.outcome, result.reason) === result.expected;
