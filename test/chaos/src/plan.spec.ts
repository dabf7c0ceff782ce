import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@millrace/testing/random';
import { parts, readOptions } from './options.ts';
import { planFaults } from './plan.ts';

const planOf = (seed: number, options: Partial<Parameters<typeof planFaults>[0]> = {}) =>
  planFaults({ orders: 300, kills: 50, parts, pauses: false, ...options }, seededRandom(seed));

describe('the faults of a seed', () => {
  it('are the same every time, and differ for another seed', () => {
    expect(planOf(7)).toEqual(planOf(7));
    expect(planOf(7)).not.toEqual(planOf(8));
  });

  it('come in order, while orders are placed', () => {
    const moments = planOf(7).map(({ afterOrders }) => afterOrders);

    expect(moments).toEqual(moments.toSorted((one, other) => one - other));
    for (const moment of moments) expect(moment).toBeGreaterThanOrEqual(1);
    for (const moment of moments) expect(moment).toBeLessThan(300);
  });

  it('concern only the chosen parts, and all of those if there are enough faults', () => {
    expect(new Set(planOf(7, { parts: ['order', 'broker'] }).map(({ part }) => part))).toEqual(
      new Set(['order', 'broker']),
    );
    expect(new Set(planOf(7, { kills: 500 }).map(({ part }) => part))).toEqual(new Set(parts));
  });

  it('are pauses only if the options ask for them', () => {
    expect(planOf(7).filter(({ kind }) => kind === 'pause')).toEqual([]);
    expect(planOf(7, { pauses: true }).filter(({ kind }) => kind === 'pause').length).toBeGreaterThan(0);
  });
});

describe('the options of the chaos command', () => {
  const read = (...argv: string[]) => readOptions(argv, () => 4711);

  it('have defaults', () => {
    expect(read()).toMatchObject({ orders: 300, seed: 4711, kills: 20, parts, pauses: false, json: false });
    expect(read('--help')).toBe('help');
  });

  it('are read from the command line', () => {
    expect(
      read('--orders', '60', '--seed', '7', '--parts', 'broker, order', '--pauses', '--json', '--kills', '3'),
    ).toMatchObject({
      orders: 60,
      seed: 7,
      kills: 3,
      parts: ['order', 'broker'],
      pauses: true,
      json: true,
    });
    expect(read('--kill-every-ms', '500')).toMatchObject({ killEveryMs: 500 });
  });

  it.each([
    [['--orders', '0'], '--orders must be a whole number of at least 1, but it is 0'],
    [['--seed', 'x'], '--seed must be a whole number of at least 0, but it is x'],
    [['--parts', 'order,moon'], '--parts: there is no moon; the parts are order, inventory'],
    [['--kills', '3', '--kill-every-ms', '5'], '--kills and --kill-every-ms exclude each other'],
    [['--quick'], "Unknown option '--quick'"],
  ])('are rejected: %j', (argv, message) => {
    expect(() => read(...argv)).toThrow(message);
  });
});
