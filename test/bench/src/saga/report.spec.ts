import { describe, expect, it } from '@jest/globals';
import { percentile } from '../numbers.ts';
import { phaseReport, printed } from './report.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('the report of a bench', () => {
  it('takes percentiles by nearest rank', () => {
    expect([0.5, 0.99, 1].map((share) => percentile(numbers(100), share))).toEqual([50, 99, 100]);
    expect([0.5, 0.99].map((share) => percentile([7], share))).toEqual([7, 7]);
  });

  it('divides by orders and steps, and leaves the client out of the CPU total', () => {
    const counts = { statements: 400, roundTrips: 200, texts: new Map() };
    const report = phaseReport('closed loop', {
      orders: numbers(10).map((ms) => ({ as: ms === 1 ? 'cancelled' : 'completed', ms })),
      seconds: 2,
      cpuMs: new Map([
        ['order', 100],
        ['postgres', 50],
        ['bench client', 1_000],
      ]),
      statements: new Map([['order', counts]]),
    });

    expect(report).toMatchObject({
      orders: 10,
      cancelled: 1,
      ordersPerSecond: 5,
      p50Ms: 5,
      p99Ms: 10,
      slowestMs: 10,
      cpuMsPerOrderInAll: 15,
    });
    expect(report).toMatchObject({
      statementsPerOrder: { order: 40 },
      statementsPerStep: 8,
      roundTripsPerStep: 4,
    });
  });

  it('prints a question mark if the system reports no CPU time', () => {
    const report = phaseReport('p', {
      orders: [{ as: 'completed', ms: 1 }],
      seconds: 1,
      cpuMs: new Map([['order', undefined]]),
      statements: new Map(),
    });
    expect(report.cpuMsPerOrderInAll).toBeNull();
    expect(printed(report)).toContain('CPU ms per order     ? in total: order ?');
  });
});
