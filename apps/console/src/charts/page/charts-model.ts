import type { ChartBatch, ChartName, ChartPoint } from '../../api/charts.ts';

const hourMs = 3_600_000;
/** Points that are further apart are not joined, because the values between them are unknown. */
const joinedMsMax = 10_000;
const minuteMs = 60_000;
/** A shorter time says too little about a minute. */
const rateMsMin = 10_000;

type Values = ReadonlyArray<number | null>;

export interface Line {
  readonly name: string;
  readonly values: Values;
  readonly lowest: number;
  readonly highest: number;
}

/** Adds points and drops those that are more than an hour older than the last one. */
export function withBatch(
  before: readonly ChartPoint[],
  { isFirst, points }: ChartBatch,
): readonly ChartPoint[] {
  const all = isFirst ? points : [...before, ...points];
  const begin = (all.at(-1)?.atMs ?? 0) - hourMs;
  return all.filter(({ atMs }) => atMs >= begin);
}

/** Adds a moment without values wherever nobody looked. */
export const withGaps = (points: readonly ChartPoint[]): readonly ChartPoint[] =>
  points.flatMap((point, index) => {
    const beforeMs = points[index - 1]?.atMs ?? point.atMs;
    return point.atMs - beforeMs > joinedMsMax ? [{ atMs: beforeMs + 1, values: [] }, point] : [point];
  });

/** Returns the lines of a chart that have a value. */
export const linesOf = (
  chart: ChartName,
  series: ChartBatch['series'],
  points: readonly ChartPoint[],
): readonly Line[] =>
  series.flatMap(({ name, chart: of }, place) => {
    if (of !== chart) return [];
    const seen = points.map(({ values }) => values[place] ?? null);
    const values = chart === 'ended' ? perMinute(points, seen) : seen;
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return [];
    return [{ name, values, lowest: Math.min(...known), highest: Math.max(...known) }];
  });

/**
 * Returns how fast a count has grown over the last minute. A count that has gone down was
 * restarted.
 */
export function perMinute(points: readonly ChartPoint[], counts: Values): Values {
  let begin = 0;
  return counts.map((value, index) => {
    const atMs = points[index]?.atMs ?? 0;
    while (atMs - (points[begin]?.atMs ?? 0) > minuteMs || (counts[begin] === null && begin < index))
      begin += 1;
    const earlier = counts[begin] ?? null;
    const passedMs = atMs - (points[begin]?.atMs ?? 0);
    if (value === null || earlier === null || value < earlier || passedMs < rateMsMin) return null;
    return Math.round(((value - earlier) / passedMs) * minuteMs * 10) / 10;
  });
}
