import { describe, expect, it } from '@jest/globals';
import type { Metric, Sample } from './measures.ts';
import { latenciesMs, nativeResult } from './native-output.ts';
import { parseMemory } from './process-usage.ts';
import { numbers } from './report.ts';
import { spreadOf } from '../numbers.ts';
import { plotsOf } from './plots.ts';
import { Results } from './results.ts';
import { svgOf } from '../report.ts';
import { wantedMeasures } from './options.ts';
import { judged, limits, ratioTargets, withinLimit } from './targets.ts';

const produced = 'produce 100 B, acks=all';

function resultsOf(
  ours: readonly number[],
  theirs: readonly number[],
  metric: Metric = 'perSecond',
): Results {
  const results = new Results();
  for (const [round, value] of ours.entries()) {
    results.add(produced, 'ours, fsync', { [metric]: value } as Sample);
    results.add(produced, 'kafka, fsync', { [metric]: theirs[round] } as Sample);
  }
  return results;
}

const target = {
  what: 'produce',
  measure: produced,
  metric: 'perSecond',
  pair: ['ours, fsync', 'kafka, fsync'],
} as const;

describe('the output of the native client', () => {
  const tail = '46.41 MB/s, 111 produce failures, 0 in queue, no compression';
  const line = (failed: number) =>
    `% 300 messages produced (30000 bytes), 300 delivered (offset 299, ${failed} failed) in 5691ms: 527141 msgs/s and ${tail}`;

  it('says on its last line what was produced', () => {
    const interval =
      '% 100 messages produced (100 bytes), 100 delivered (offset 99, 0 failed) in 10ms: 5 msgs/s and 1 MB/s';
    expect(nativeResult(`${interval}\n${line(0)}\n`)).toEqual({
      records: 300,
      failed: 0,
      perSecond: 527_141,
    });
  });

  it('says what was consumed', () => {
    const text = '% 3000 messages (300000 bytes) consumed in 812ms: 3694 msgs/s (369.46 MB/s)';
    expect(nativeResult(text)).toEqual({ records: 3_000, failed: 0, perSecond: 3_694 });
  });

  it('is an error if records failed or it has no result', () => {
    expect(() => nativeResult(line(2))).toThrow('2 records failed');
    expect(() => nativeResult('% ERROR CALLBACK: all brokers down')).toThrow('all brokers down');
  });

  it('leaves out the first latencies and lists the others in milliseconds', () => {
    expect(latenciesMs('9000\n1500\nx\n250\n', 1)).toEqual([1.5, 0.25]);
  });
});

describe('the memory of a process', () => {
  it('is read from /proc', () => {
    expect(parseMemory('Name:\tnode\nVmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\n')).toEqual({
      residentMb: 100,
      peakMb: 200,
    });
  });
});

describe('the results', () => {
  it('are compared round by round', () => {
    const ratio = resultsOf([100, 300, 80], [50, 100, 80]).ratio(
      produced,
      ['ours, fsync', 'kafka, fsync'],
      'perSecond',
    );
    expect(ratio).toEqual({ median: 2, min: 1, max: 3 });
  });

  it('leave out a round that one of the two engines lacks', () => {
    const results = resultsOf([100], [50]);
    results.add(produced, 'kafka, fsync', {});
    results.add(produced, 'ours, fsync', { perSecond: 900 });
    expect(results.ratio(produced, target.pair, 'perSecond')).toEqual({ median: 2, min: 2, max: 2 });
    expect(results.ratio(produced, ['ours', 'kafka'], 'perSecond')).toBeUndefined();
  });
});

describe('a target', () => {
  it.each([
    [1.6, true, true],
    [1.4, false, true],
    [0.4, false, false],
  ])('of at least 1.5x, measured at %d: met %s, gate %s', (ratio, met, passed) => {
    expect(judged({ ...target, atLeast: 1.5 }, resultsOf([ratio], [1]))).toMatchObject({ met, passed });
  });

  it.each([
    [0.5, true, true],
    [1.7, false, true],
    [1.9, false, false],
  ])('of at most 0.6x, measured at %d: met %s, gate %s', (ratio, met, passed) => {
    expect(judged({ ...target, atMost: 0.6 }, resultsOf([ratio], [1]))).toMatchObject({ met, passed });
  });

  it('is not judged if it was not measured', () => {
    expect(judged({ ...target, measure: 'other', atLeast: 1 }, resultsOf([1], [1]))).toBeUndefined();
  });

  it('does not fail CI if it concerns a time, but does if it concerns memory', () => {
    expect(withinLimit(limits.startCommand, spreadOf([900]))).toMatchObject({ met: false, passed: true });
    expect(withinLimit(limits.memory, spreadOf([900]))).toMatchObject({ met: false, passed: false });
  });

  it('names an existing measure', () => {
    const taken = wantedMeasures({ quick: false, only: [] }).map(({ name }) => name);
    expect(ratioTargets.filter(({ measure }) => !taken.includes(measure))).toEqual([]);
  });
});

describe('the report', () => {
  const results = resultsOf([1_250_000, 1_300_000], [900_000, 1_000_000]);
  const facts = {
    machine: 'one',
    date: '2026-11-20',
    command: 'npm run bench -- broker',
    rounds: 2,
    seconds: 1.5,
    loadBefore: 0.1,
  };
  const verdicts = [withinLimit(limits.memory, spreadOf([120]))];
  const text = numbers({
    results,
    verdicts,
    facts,
    profiles: [
      { measure: produced, subject: 'ours', idleShare: 0.4, parts: [{ name: 'send (kernel)', share: 0.6 }] },
    ],
    memory: [{ engine: 'ours', idleMb: 50, peakMb: 120, startMs: NaN }],
  });

  it('shows targets, medians with their spread, and memory', () => {
    expect(text).toContain('| resident under load | <= 150 MB | 120 MB | met |');
    expect(text).toContain(`| ${produced} |  | 1.27M (1.25M to 1.30M) |  | 950k (900k to 1.00M) |`);
    expect(text).toContain('| ours |  | 50 | 120 |');
    expect(text).toContain('is idle for 40 % of the run. Of the rest: `send (kernel)` 60 %.');
  });

  it('has plots that are drawn without a screen', async () => {
    for (const { spec } of plotsOf(results)) expect(await svgOf(spec)).toMatch(/^<svg [^]*<\/svg>$/);
  });
});
