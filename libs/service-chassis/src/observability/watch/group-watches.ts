import type { LagReader, PartitionLag } from '@millrace/streaming-core/client';
import {
  parkedFigures,
  storedLag,
  type ParkedFigures,
  type PartitionStatus,
} from '@millrace/streaming-core/consumer';
import { deadLetterTopicOf } from '@millrace/streaming-core/contract';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { Registry } from 'prom-client';
import type { AlarmReading } from '@millrace/operations/alarms';
import { token } from '../../ground/provide.ts';
import { figureGauge } from '../metrics/metrics.ts';
import type { Watcher } from './watcher.ts';

/** A group that this process is a member of. */
export interface OwnGroup {
  readonly group: string;
  /** Has the offsets of the group and the messages that it has parked. */
  readonly database: SqlDatabase;
  readonly reader: LagReader;
  /** The topics that the group reads, empty until its handlers are known. */
  readonly topics: () => readonly string[];
  /** The partitions that this process owns now. */
  readonly partitions: () => readonly PartitionStatus[];
}

/**
 * Watches groups. Each group has watches of its own, so that one that cannot be read hides no other.
 */
export interface GroupWatches {
  /** Watches a group's lag, the messages that it has parked, and the dead letters of its topics. */
  watch(group: OwnGroup): void;
  /** Watches the lag of a group, whichever program its members are. */
  watchLag(group: string, read: () => Promise<readonly PartitionLag[]>): void;
  /** Watches the lags of groups that come and go while the process runs. */
  watchLags(name: string, read: () => Promise<ReadonlyMap<string, readonly PartitionLag[]>>): void;
  /** The lags that each watch has found at its last look, by group. */
  latestLags(): ReadonlyMap<string, readonly PartitionLag[]>;
}

/** The watches of the groups that this process takes part in. */
export const GROUP_WATCHES = token<GroupWatches>('GroupWatches');

export function createGroupWatches(registry: Registry, watcher: Watcher): GroupWatches {
  const lags = lagFigures(registry);
  const parked = parkedGauges(registry);
  const deadLetters = deadLetterGauge(registry);
  const watchLag: GroupWatches['watchLag'] = (group, read) =>
    watcher.add({
      name: `lag of ${group}`,
      async look() {
        const found = await read();
        lags.set(group, found);
        return found.flatMap((lag) => lagReadings(group, lag));
      },
    });
  return {
    latestLags: () => lags,
    watchLag,
    watchLags(name, read) {
      let before: readonly string[] = [];
      watcher.add({
        name,
        async look() {
          const found = await read();
          for (const group of before) if (!found.has(group)) lags.delete(group);
          before = [...found.keys()];
          for (const [group, lag] of found) lags.set(group, lag);
          return [...found].flatMap(([group, lag]) => lag.flatMap((one) => lagReadings(group, one)));
        },
      });
    },
    watch({ group, database, reader, topics, partitions }) {
      watchLag(group, () => storedLag({ database, reader, group, topics: topics() }));
      watcher.add({
        name: `parked messages of ${group}`,
        async look() {
          const figures = await parkedFigures(database, group);
          parked.set(group, figures);
          const ages = figures.map(({ topic, oldestAgeMs }): AlarmReading => {
            return { alarm: 'parked_age', place: { group, topic }, value: oldestAgeMs / 1_000 };
          });
          return [...ages, ...partitions().flatMap((status) => partitionReadings(group, status))];
        },
      });
      deadLetters.read.push(topics);
      if (deadLetters.read.length === 1)
        watcher.add({ name: 'dead letters', look: () => deadLetters.look(reader) });
    },
  };
}

/** Shows the lag of each group by partition, in offsets and in seconds. */
function lagFigures(registry: Registry): Map<string, readonly PartitionLag[]> {
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
  return found;
}

const placeOf = (group: string, { topic, partition }: Pick<PartitionLag, 'topic' | 'partition'>) => ({
  group,
  topic,
  partition: String(partition),
});

function lagReadings(group: string, lag: PartitionLag): readonly AlarmReading[] {
  const place = placeOf(group, lag);
  return [
    { alarm: 'consumer_lag', place, value: Number(lag.lag) },
    { alarm: 'consumer_lag_seconds', place, value: (lag.lagMs ?? 0) / 1_000 },
  ];
}

/** Shows what groups have parked, whichever process owns the partitions. */
function parkedGauges(registry: Registry): Map<string, readonly ParkedFigures[]> {
  const found = new Map<string, readonly ParkedFigures[]>();
  const gauge = (name: string, help: string, valueOf: (figures: ParkedFigures) => number) =>
    figureGauge(registry, {
      name,
      help,
      labels: ['group', 'topic'],
      figures: () =>
        [...found].flatMap(([group, topics]) =>
          topics.map((each) => ({ labels: { group, topic: each.topic }, value: valueOf(each) })),
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
  return found;
}

function partitionReadings(group: string, status: PartitionStatus): readonly AlarmReading[] {
  const { state, parking } = status;
  const reading = (alarm: AlarmReading['alarm'], raised: boolean): AlarmReading => ({
    alarm,
    place: placeOf(group, status),
    value: raised ? 1 : 0,
  });
  return [
    reading('parking_full', parking?.full === true),
    reading('partition_refused', state === 'refused'),
    reading('partition_blocked', state === 'blocked'),
  ];
}

/**
 * Counts dead letters on the log itself. The count is right whichever process gave the messages up,
 * and survives every restart. It falls only when records leave the topic, by retention or by
 * DeleteRecords. A topic that several groups of this process read is counted once.
 */
function deadLetterGauge(registry: Registry) {
  const read: (() => readonly string[])[] = [];
  let found: readonly (readonly [topic: string, count: number])[] = [];
  figureGauge(registry, {
    name: 'millrace_dead_letters',
    help: 'Records on the dead-letter topics of the topics that this process reads, by topic',
    labels: ['topic'],
    figures: () => found.map(([topic, value]) => ({ labels: { topic }, value })),
  });
  return {
    read,
    async look(reader: LagReader): Promise<readonly AlarmReading[]> {
      const topics = new Set(read.flatMap((topicsOf) => topicsOf()).map(deadLetterTopicOf));
      found = [...(await reader.offsetsHeld([...topics]))].map(([topic, held]) => [topic, Number(held)]);
      return found.map(([topic, value]) => ({ alarm: 'dead_letters', place: { topic }, value }));
    },
  };
}
