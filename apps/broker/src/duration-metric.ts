import type { DurationCounts } from '@millrace/streaming-core/broker';
import type { Metric } from 'prom-client';

export interface LabelledDurations {
  readonly labels: Readonly<Record<string, string>>;
  readonly counts: DurationCounts;
}

interface DurationMetricOptions {
  readonly name: string;
  readonly help: string;
  readonly read: () => readonly LabelledDurations[];
}

const msPerSecond = 1_000;

/**
 * A histogram with counts that are kept elsewhere, in the shape that a registry expects of its
 * metrics. prom-client's own histogram only takes single observations.
 */
export const durationMetric = ({ name, help, read }: DurationMetricOptions): Metric => {
  const get = () =>
    Promise.resolve({
      name,
      help,
      type: 'histogram',
      aggregator: 'sum',
      values: read().flatMap((one) => valuesOf(name, one)),
    });
  return { name, get, reset: () => undefined } as unknown as Metric;
};

function valuesOf(
  name: string,
  { labels, counts: { boundsMs, cumulative, sumMs, count } }: LabelledDurations,
) {
  const bucket = (le: number | string, value: number) => ({
    metricName: `${name}_bucket`,
    labels: { ...labels, le },
    value,
  });
  return [
    ...boundsMs.map((bound, index) => bucket(bound / msPerSecond, cumulative[index]!)),
    bucket('+Inf', count),
    { metricName: `${name}_sum`, labels, value: sumMs / msPerSecond },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
