import { describe, expect, it } from '@jest/globals';
import { configurations, inWords } from './configurations.ts';
import { scaleBenchOptions } from './options.ts';
import { sampleOf, type Sample } from './sample.ts';
import { summaryOf } from './summary.ts';

const sample = (change: Partial<Sample> = {}): Sample => ({
  ordersPerSecond: 50,
  p50Ms: 900,
  cpuMsPerOrder: { order: 6, postgres: 10, client: 4 },
  machineShare: 0.9,
  busyShare: 0.95,
  busiest: { part: 'order', coreShare: 0.4 },
  ...change,
});
const configuration = { scaled: 'order', processes: 2 } as const;

describe('the configurations of the bench', () => {
  it('are one process of each, then every service alone and all together', () => {
    const names = configurations(scaleBenchOptions([])).map(inWords);
    expect(names).toHaveLength(1 + 6 * 2);
    expect(names.slice(0, 3)).toEqual(['1 each', 'order x 2', 'order x 4']);
    expect(names.at(-1)).toBe('all x 4');
    expect(configurations(scaleBenchOptions(['--quick'])).map(inWords)).toEqual(['1 each', 'inventory x 2']);
  });
});

describe('a measurement', () => {
  it('adds up the processes of a service, and reports their share of the machine and the busiest process', () => {
    const before = new Map([
      ['order', 100],
      ['postgres', 0],
    ]);
    const after = new Map([
      ['order', 300],
      ['order-2', 100],
      ['postgres', 900],
    ]);
    expect(sampleOf({ before, after, ms: [10, 20, 30, 40], seconds: 1, cores: 2, busyShare: 0.7 })).toEqual({
      ordersPerSecond: 4,
      p50Ms: 20,
      machineShare: 0.6,
      busyShare: 0.7,
      cpuMsPerOrder: { order: 75, postgres: 225 },
      busiest: { part: 'order', coreShare: 0.2 },
    });
  });

  it('is summarised by its median and spread', () => {
    const samples = [40, 70, 50].map((ordersPerSecond) => sample({ ordersPerSecond }));
    expect(summaryOf({ configuration, samples })).toMatchObject({
      name: 'order x 2',
      ordersPerSecond: { median: 50, min: 40, max: 70 },
      cpuMsPerOrder: { postgres: 10 },
    });
  });

  it.each([
    [{}, 'all cores (90 % used; most by postgres, 50 %)'],
    [{ machineShare: 0.3 }, 'all cores (30 % used, 65 % by others on this machine; most by postgres, 50 %)'],
    [
      { machineShare: 0.6, busyShare: 0.65, busiest: { part: 'order', coreShare: 0.95 } },
      'the one core of order (95 % used)',
    ],
    [
      { machineShare: 0.6, busyShare: 0.65 },
      'waiting, not computing: 60 % of the cores used; most by postgres, 50 %',
    ],
  ])('names the bottleneck: %j', (change, bottleneck) => {
    expect(summaryOf({ configuration, samples: [sample(change)] }).bottleneck).toBe(bottleneck);
  });
});
