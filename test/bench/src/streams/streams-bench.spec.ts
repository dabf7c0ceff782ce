import { describe, expect, it } from '@jest/globals';
import { pairsOf } from './inputs.ts';
import { verdictTable } from '../report.ts';
import { tableOf, verdictsOf, type Measured } from './report.ts';
import { workloads, type Workload } from './workloads.ts';

const join = workloads.find(({ name }) => name === 'stream-join') as Workload;
const restore = workloads.find(({ name }) => name === 'restore') as Workload;
const run = { records: 1_000, startMs: 2_000, workMs: 100, cpuMs: 50, peakMb: 150 };

const compared = (theirsMs: readonly number[], oursMs: readonly number[]): Measured => ({
  workload: join,
  runs: {
    'Kafka Streams': theirsMs.map((workMs) => ({ ...run, workMs })),
    ours: oursMs.map((workMs) => ({ ...run, workMs })),
  },
});

describe('the bench of streams', () => {
  it('compares round by round, and calls a median below the target a miss', () => {
    const [met] = verdictsOf([compared([100, 100, 900], [100, 125, 10])]);
    expect(met).toMatchObject({ target: '>= 0.8x', measured: '1.00 (0.80 to 90.00) x', met: true });
    const [missed] = verdictsOf([compared([100, 100, 100], [125, 126, 127])]);
    expect(missed?.met).toBe(false);
    expect(verdictTable(missed === undefined ? [] : [missed])).toContain('**missed**');
  });

  it('judges the start with state and the memory by the worst of our runs', () => {
    const withState = { ...run, startWithStateMs: 480 };
    const late = { ...run, startWithStateMs: 501, peakMb: 200 };
    const verdicts = verdictsOf([
      { workload: restore, runs: { 'Kafka Streams': [], ours: [withState, withState, late] } },
    ]);
    expect(verdicts.map(({ what, met }) => [what, met])).toEqual([
      ['start to running with state', false],
      ['peak memory', false],
    ]);
  });

  it('shows rate, CPU per record, starts and memory of both sides', () => {
    const table = tableOf([{ ...compared([100], [50]), workload: restore }]);
    expect(table).toContain('| restore | Kafka Streams | 10,000 | 50 | 2,000 | - | 150 |');
    expect(table).toContain('| restore | ours | 20,000 | 50 | 2,000 | - | 150 |');
  });

  it('knows how many pairs the join has to find', () => {
    expect(pairsOf(2)).toBeLessThanOrEqual(1);
    const pairs = pairsOf(200_000);
    expect(pairs / 100_000).toBeCloseTo(1, 1);
  });
});
