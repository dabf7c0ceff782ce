import { describe, expect, it } from '@jest/globals';
import { seed } from '@millrace/testing/random';
import { runUpgrade } from './upgrade.ts';

/** A database that is too slow for `transaction_timeout` is answered with 503 and asked again: on a busy machine that happens without any upgrade. */
const passing = 0.02;

describe(`a service that is upgraded while customers buy (seed ${seed})`, () => {
  it('goes to this release, back to the one before, and to this one, then the broker: all orders end, the books balance, no request is lost', async () => {
    const { steps, answers, problems } = await runUpgrade({
      services: ['order'],
      seed,
      ordersPerStep: 4,
      buyers: 2,
      broker: true,
      print: () => undefined,
    });

    expect(problems).toEqual([]);
    expect(steps).toMatchObject([
      ...['new', 'old', 'new'].map((to) => ({ what: 'order', to, exitCodes: [0] })),
      { what: 'broker', to: 'new' },
    ]);
    const { 503: busy = 0, ...failed } = answers.failed;
    expect({ failed, lost: answers.lost }).toEqual({ failed: {}, lost: {} });
    expect(busy).toBeLessThan(answers.answered * passing);
    expect(answers.answered).toBeGreaterThan(24);
  });
});
