import type { PartitionLag } from '@millrace/streaming-core/client';
import type { Registry } from 'prom-client';
import type { AlarmReading } from '@millrace/operations/alarms';
import { figureGauge } from '../metrics/gauges.ts';
import type { Watch } from './watcher.ts';

/**
 * The lag of every group that this process watches, including those of its consumer and its read
 * models.
 */
export interface Lags {
  /** Creates one watch per group, so that a group that cannot be read hides no other. */
  watch(group: string, read: () => Promise<readonly PartitionLag[]>): Watch;
  /** The lags that each watch has found at its last look, by group. */
  latest(): ReadonlyMap<string, readonly PartitionLag[]>;
}

export const LAGS = Symbol('Lags');

/** Shows the lag of each group by partition, in offsets and in seconds. */
export function createLags(registry: Registry): Lags {
  const found = new Map<string, readonly PartitionLag[]>();
  const labels = ['group', 'topic', 'partition'] as const;
  const figures = (valueOf: (lag: PartitionLag) => number | undefined) => () =>
    [...found].flatMap(([group, lags]) =>
      lags.flatMap((lag) => {
        const value = valueOf(lag);
        return value === undefined ? [] : [{ labels: placeOf(group, lag), value }];
      }),
    );
  figureGauge(registry, {
    name: 'kafka_consumer_group_lag',
    help:
      'Offsets from the committed offset of the group to the end of the partition, by group, topic ' +
      'and partition',
    labels,
    figures: figures(({ lag }) => Number(lag)),
  });
  figureGauge(registry, {
    name: 'kafka_consumer_group_lag_seconds',
    help: 'Age of the record that the group reads next, by group, topic and partition; 0 if there is none',
    labels,
    figures: figures(({ lagMs }) => (lagMs === undefined ? undefined : lagMs / 1_000)),
  });
  return {
    latest: () => found,
    watch: (group, read) => ({
      name: `lag of ${group}`,
      async look() {
        const lags = await read();
        found.set(group, lags);
        return lags.flatMap((lag) => readingsOf(group, lag));
      },
    }),
  };
}

const placeOf = (group: string, { topic, partition }: PartitionLag) => ({
  group,
  topic,
  partition: String(partition),
});

function readingsOf(group: string, lag: PartitionLag): readonly AlarmReading[] {
  const place = placeOf(group, lag);
  return [
    { alarm: 'consumer_lag', place, value: Number(lag.lag) },
    { alarm: 'consumer_lag_seconds', place, value: (lag.lagMs ?? 0) / 1_000 },
  ];
}
