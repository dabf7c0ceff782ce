import { describe, expect, it } from '@jest/globals';
import { seed } from '@millrace/testing/random';
import { runUpgrade } from './upgrade.ts';

/**
 * The accepted share of 503 answers. On a busy machine a transaction can exceed
 * `transaction_timeout` without any upgrade; its request gets a 503 and is repeated.
 */
const passing = 0.02;

describe(`a service that is upgraded while customers buy (seed ${seed})`, () => {
  it('R08 goes to this release, back to the previous one and forward again, then the broker: all orders end, the books balance, no request is lost', async () => {
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
