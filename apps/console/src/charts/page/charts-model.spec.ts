import { describe, expect, it } from '@jest/globals';
import type { ChartPoint } from '../../api/charts.ts';
import { linesOf, perMinute, withBatch, withGaps } from './charts-model.ts';

const at = (seconds: number, ...values: readonly (number | null)[]): ChartPoint => ({
  atMs: seconds * 1_000,
  values,
});
const batch = (isFirst: boolean, ...points: readonly ChartPoint[]) => ({ isFirst, series: [], points });
const seconds = (points: readonly ChartPoint[]) => points.map(({ atMs }) => atMs / 1_000);

describe('the points of the charts', () => {
  it('are added to the earlier ones, unless the console sends all of them again', () => {
    const before = [at(1), at(3)];
    expect(seconds(withBatch(before, batch(false, at(5))))).toEqual([1, 3, 5]);
    expect(seconds(withBatch(before, batch(true, at(3), at(5))))).toEqual([3, 5]);
  });

  it('are dropped once they are an hour older than the last one', () => {
    expect(seconds(withBatch([at(0), at(1), at(2)], batch(false, at(3_601))))).toEqual([1, 2, 3_601]);
  });

  it('have a moment without values where nobody looked', () => {
    const points = withGaps([at(0, 1), at(2, 1), at(60, 1)]);
    expect(points).toEqual([at(0, 1), at(2, 1), { atMs: 2_001, values: [] }, at(60, 1)]);
  });
});

describe('the lines of a chart', () => {
  const series = [
    { chart: 'lag', name: 'order' },
    { chart: 'outbox', name: 'order' },
    { chart: 'lag', name: 'late' },
    { chart: 'lag', name: 'never' },
  ] as const;

  it('have the values of their own series, or from its first one on if the series came later', () => {
    expect(linesOf('lag', series, [at(0, 7, 0.5), at(2, 3, 0.5, 9)])).toEqual([
      { name: 'order', values: [7, 3], lowest: 3, highest: 7 },
      { name: 'late', values: [null, 9], lowest: 9, highest: 9 },
    ]);
  });

  it('leave out the gaps when they name the lowest value', () => {
    const [line] = linesOf('outbox', series, withGaps([at(0, 0, 2), at(60, 0, 4)]));
    expect(line).toEqual({ name: 'order', values: [2, null, 4], lowest: 2, highest: 4 });
  });
});

describe('the growth of a count', () => {
  const growth = (...counts: ReadonlyArray<readonly [second: number, value: number | null]>) =>
    perMinute(
      counts.map(([second]) => at(second)),
      counts.map(([, value]) => value),
    );

  it('is known once ten seconds have passed', () => {
    expect(growth([0, 5], [4, 6], [12, 7])).toEqual([null, null, 10]);
  });

  it('is that of the last minute', () => {
    expect(growth([0, 0], [30, 100], [60, 100], [90, 100], [91, 101])).toEqual([null, 200, 100, 0, 1.9]);
  });

  it('does not jump after a time in which the count was not known', () => {
    expect(growth([0, 10], [10, 10], [10.001, null], [40, 70])).toEqual([null, 0, null, 90]);
    expect(growth([0, 10], [10, 10], [10.001, null], [300, 70], [312, 72])).toEqual([
      null,
      0,
      null,
      null,
      10,
    ]);
  });

  it('is unknown until a minute after a process has restarted its count', () => {
    expect(growth([0, 10], [20, 10], [40, 2], [90, 3])).toEqual([null, 0, null, 1.2]);
  });
});
