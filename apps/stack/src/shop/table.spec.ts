import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { sampleOrders, endedAsExpected, expectedOf, type SampleResult } from './sample-orders.ts';
import { renderTable } from './table.ts';
import { timelinePrefix } from './timeline.ts';

const good: SampleResult = {
  orderId: '00000000-0000-7000-8000-000012345678',
  correlationId: 'request',
  scenario: 'out of stock',
  expected: 'cancelled (out_of_stock)',
  outcome: 'cancelled',
  reason: 'out_of_stock',
  steps: ['reserve'],
  compensations: [],
  durationMs: 120,
};
const linesOf = (...results: SampleResult[]) => stripVTControlCharacters(renderTable(results)).split('\n');

describe('the table of the sample orders', () => {
  it('has one line per order, with aligned columns', () => {
    expect(
      linesOf(good, {
        ...good,
        outcome: 'completed',
        reason: null,
        expected: 'completed',
        steps: ['reserve', 'pay'],
        durationMs: 5,
      }),
    ).toEqual([
      'order     scenario      outcome    reason        steps        compensations  ms',
      '--------  ------------  ---------  ------------  -----------  -------------  ---',
      '12345678  out of stock  cancelled  out_of_stock  reserve      -              120',
      '12345678  out of stock  completed  -             reserve pay  -              5',
    ]);
  });

  it('says how an order should have ended if it ended otherwise', () => {
    expect(linesOf({ ...good, outcome: 'completed', reason: null }).at(-1)).toMatch(
      /expected cancelled \(out_of_stock\), was completed$/,
    );
  });

  it('shows an order that was never placed', () => {
    const [, , line] = linesOf({
      ...good,
      orderId: null,
      outcome: 'not placed',
      reason: 'POST /orders: 503',
    });

    expect(line).toMatch(/^- +out of stock +not placed +POST \/orders: 503 .*expected cancelled/);
  });
});

describe('a sample order', () => {
  it('ends as expected only if both its outcome and its reason match', () => {
    expect(endedAsExpected(good)).toBe(true);
    expect(endedAsExpected({ ...good, reason: 'card_declined' })).toBe(false);
    expect(endedAsExpected({ ...good, outcome: 'pending', reason: 'did not end within 60 s' })).toBe(false);
  });

  it('exists for every outcome that is promised', () => {
    expect(sampleOrders.map(expectedOf)).toEqual([
      'completed',
      'completed',
      'cancelled (out_of_stock)',
      'cancelled (insufficient_funds)',
      'cancelled (card_declined)',
      'completed',
      'cancelled (address_refused)',
      'cancelled (address_refused)',
      'cancelled (step_timeout)',
      'cancelled (cancelled_by_customer)',
      'returned',
      'return closed (refund_refused)',
    ]);
  });
});

it('the lines of the timeline begin with a column of fixed width that tells the orders apart', () => {
  const prefixes = sampleOrders.map(({ scenario }, index) =>
    stripVTControlCharacters(timelinePrefix(`order-${index}-12345678`, scenario, index)),
  );

  expect(new Set(prefixes.map((prefix) => prefix.length)).size).toBe(1);
  expect(prefixes[0]).toBe('12345678 completed, one line          |');
});
