import { parkedFigures, type ParkedFigures, type PartitionStatus } from '@millrace/streaming-core/consumer';
import type { Queryable } from '@millrace/streaming-core/postgres';
import type { Registry } from 'prom-client';
import { figureGauge } from '../metrics/gauges.ts';
import type { AlarmReading } from '@millrace/operations/alarms';
import type { Watch } from './watcher.ts';

/** The parked messages of every group that this process watches. */
export interface Parked {
  /** `partitions` returns those that this process owns now. */
  watch(group: string, database: Queryable, partitions: () => readonly PartitionStatus[]): Watch;
}

export const PARKED = Symbol('Parked');

/**
 * Shows what groups have parked, whichever process owns the partitions, and which partitions of
 * this process have no room to park more.
 */
export function createParked(registry: Registry): Parked {
  const found = new Map<string, readonly ParkedFigures[]>();
  const gauge = (name: string, help: string, valueOf: (figures: ParkedFigures) => number) =>
    figureGauge(registry, {
      name,
      help,
      labels: ['group', 'topic'],
      figures: () =>
        [...found].flatMap(([group, topics]) =>
          topics.map((figures) => ({
            labels: { group, topic: figures.topic },
            value: valueOf(figures),
          })),
        ),
    });
  gauge(
    'millrace_parked_keys',
    'Keys whose messages wait behind one that failed, by group and topic',
    ({ keys }) => keys,
  );
  gauge(
    'millrace_parked_messages',
    'Waiting messages of parked keys, including the failed ones, by group and topic, counted up to 10000',
    ({ messages }) => messages,
  );
  gauge(
    'millrace_parked_oldest_age_seconds',
    'How long the oldest parked message has waited, by group and topic; absent if nothing is parked',
    ({ oldestAgeMs }) => oldestAgeMs / 1_000,
  );
  return {
    watch: (group, database, partitions) => ({
      name: `parked messages of ${group}`,
      async look() {
        const figures = await parkedFigures(database, group);
        found.set(group, figures);
        const ages = figures.map(({ topic, oldestAgeMs }): AlarmReading => {
          return { alarm: 'parked_age', place: { group, topic }, value: oldestAgeMs / 1_000 };
        });
        return [...ages, ...partitions().flatMap((status) => partitionReadings(group, status))];
      },
    }),
  };
}

function partitionReadings(
  group: string,
  { topic, partition, state, parking }: PartitionStatus,
): readonly AlarmReading[] {
  const reading = (alarm: AlarmReading['alarm'], raised: boolean): AlarmReading => ({
    alarm,
    place: { group, topic, partition: String(partition) },
    value: raised ? 1 : 0,
  });
  return [
    reading('parking_full', parking?.full === true),
    reading('partition_refused', state === 'refused'),
    reading('partition_blocked', state === 'blocked'),
  ];
}

/**
 * Details for `/readyz`. A process with parked keys stays ready, because its HTTP clients do not
 * depend on them.
 */
export function parkingDetails(partitions: readonly PartitionStatus[]) {
  const parked = partitions.flatMap(({ topic, partition, parking }) =>
    parking === undefined ? [] : [{ place: `${topic}/${partition}`, ...parking }],
  );
  return {
    parkedKeys: parked.reduce((sum, { keys }) => sum + keys, 0),
    parkedMessages: parked.reduce((sum, { messages }) => sum + messages, 0),
    waitingForRoom: parked.filter(({ full }) => full).map(({ place }) => place),
  };
}
