import { describe, expect, it } from '@jest/globals';
import { systemClock } from '@millrace/streaming-core/runtime';
import { lastingViolations } from './lasting-violations.ts';
import type { Counted } from './look-at-books.ts';
import type { Violation } from './violation.ts';

const order = (id: string): Violation => ({
  kind: 'unended_order',
  subject: `order ${id}`,
  detail: 'it is open',
});

const counted: Counted = {
  orders: 2,
  open: 0,
  sagas: 2,
  payments: 2,
  shipments: 2,
  mails: 2,
  accounts: 1,
  products: 1,
};

/** A check that finds these violations one after the other, and the last ones each time from then on. */
async function found(waitMs: number, ...looks: readonly (readonly Violation[])[]) {
  let looked = 0;
  const look = () => Promise.resolve({ found: looks[Math.min(looked++, looks.length - 1)] ?? [], counted });
  const signal = new AbortController().signal;
  const { found: violations } = await lastingViolations({
    look,
    waitMs,
    everyMs: 1,
    clock: systemClock,
    signal,
    onLook: () => undefined,
  });
  return { violations: violations.map(({ subject }) => subject), looked };
}

describe('lastingViolations', () => {
  it('looks once if there are none', async () => {
    expect(await found(1_000, [])).toEqual({ violations: [], looked: 1 });
  });

  it('forgets what a later look no longer finds, and does not take up what is new', async () => {
    const { violations } = await found(20, [order('a'), order('b')], [order('b'), order('c')]);
    expect(violations).toEqual(['order b']);
  });

  it('ends as soon as everything has settled', async () => {
    expect(await found(60_000, [order('a')], [order('b')])).toEqual({ violations: [], looked: 2 });
  });

  it('looks only once without a wait', async () => {
    expect(await found(0, [order('a')])).toEqual({ violations: ['order a'], looked: 1 });
  });
});
