import { describe, expect, it } from '@jest/globals';
import { seed } from '@millrace/testing/random';
import { runUpgrade } from './upgrade.ts';

describe(`a service that is upgraded while customers buy (seed ${seed})`, () => {
  it('goes to this release, back to the one before, and to this one: all orders end, the books balance, no request fails', async () => {
    const { steps, answers, problems } = await runUpgrade({
      services: ['order'],
      seed,
      ordersPerStep: 4,
      buyers: 2,
      broker: false,
      print: () => undefined,
    });

    expect(problems).toEqual([]);
    expect(steps).toMatchObject(['new', 'old', 'new'].map((to) => ({ what: 'order', to, exitCodes: [0] })));
    expect(answers).toMatchObject({ failed: {}, lost: {} });
    expect(answers.answered).toBeGreaterThan(24);
  });
});
