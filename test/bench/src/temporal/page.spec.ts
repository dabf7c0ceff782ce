import { describe, expect, it } from '@jest/globals';
import { phaseOf, renderNumbers, type Side } from './page.ts';
import { temporalBenchOptions } from './options.ts';

describe('the page of the saga on Temporal', () => {
  const phase = phaseOf('2 in flight', {
    ended: [
      { as: 'completed', ms: 30 },
      { as: 'cancelled', ms: 10 },
      { as: 'completed', ms: 20 },
      { as: 'completed', ms: 40 },
    ],
    seconds: 2,
    cpuMs: 100,
  });

  it('has the rate, the percentiles and the CPU time of an order', () => {
    expect(phase).toEqual({
      name: '2 in flight',
      orders: 4,
      cancelled: 1,
      ordersPerSecond: 2,
      p50Ms: 20,
      p99Ms: 40,
      cpuMsPerOrder: 25,
    });
  });

  it('keeps its tables whole when an error has a bar in it', () => {
    const side: Side = {
      phases: [phase],
      failing: [
        { refunds: 'refuses', during: 'a | b', end: 'cancelled', secondsToEnd: 1, effects: ['paid'] },
      ],
    };
    const page = renderNumbers({ temporal: side, ours: side, lines: { temporal: 25, ours: 60 } }, 'Facts.');
    expect(page).toContain('| Temporal, 2 in flight | 4 | 1 | 2 | 20 | 40 | 25 |');
    expect(page).toContain('| refuses, Millrace | a / b | cancelled | 1 | paid |');
    expect(page).toContain('25 lines on Temporal and 60 here');
  });

  it('has no numbers of a quick run', () => {
    expect(() => temporalBenchOptions(['--quick', '--write'])).toThrow(
      '--quick measures nothing worth keeping',
    );
  });
});
