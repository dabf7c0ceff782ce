export interface LagPoint {
  readonly atMs: number;
  readonly lag: number;
}

/** A line: its points, the first at the left. */
export type Trend = readonly LagPoint[];

export const keptMs = 600_000;
const pointsMax = 300;

/** Adds a point. The last point before the kept time stays, since the line starts there. */
export function withPoint(trend: Trend, point: LagPoint): Trend {
  const begin = trend.findLastIndex(({ atMs }) => atMs <= point.atMs - keptMs);
  return [...trend.slice(Math.max(0, begin)), point].slice(-pointsMax);
}

/**
 * Returns the points of an SVG line in a box. The lag keeps its value until the next point, because
 * the page hears of changes only. The height stands for the highest lag.
 */
export function lineOf(
  trend: Trend,
  nowMs: number,
  { width, height }: { readonly width: number; readonly height: number },
): string {
  const from = nowMs - keptMs;
  const highest = Math.max(1, ...trend.map(({ lag }) => lag));
  const x = (atMs: number) => Math.max(0, Math.min(width, ((atMs - from) / keptMs) * width)).toFixed(1);
  const y = (lag: number) => (height - (lag / highest) * height).toFixed(1);
  return trend
    .flatMap(({ atMs, lag }, index) => [
      `${x(atMs)},${y(lag)}`,
      `${x(trend[index + 1]?.atMs ?? nowMs)},${y(lag)}`,
    ])
    .join(' ');
}
