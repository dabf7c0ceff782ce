import { days, type DurationMs } from '@millrace/streaming-core/runtime';
import type { NewTopic } from '@millrace/streaming-core/client';
import type { StoreSpec } from '../state/store-spec.ts';
import type { ApplicationTopics, PartitionCounts } from './application-topics.ts';
import { taskCountOf } from './partition-counts.ts';

type Configs = Readonly<Record<string, string>>;

/** A topic that the application creates for itself. */
export type InternalTopic = NewTopic & { readonly partitions: number; readonly configs: Configs };

export interface InternalTopicSettings {
  /** Configs of all internal topics. Those of a store win over them. */
  readonly topicConfigs?: Configs;
  /** The default is that of the cluster. */
  readonly replicationFactor?: number;
}

/**
 * Returns the repartition topics and changelogs of an application, with the configs that Kafka
 * Streams gives them. A changelog has one partition per task.
 */
export function internalTopicsOf(
  { subTopologies, repartitions }: ApplicationTopics,
  counts: PartitionCounts,
  { topicConfigs = {}, replicationFactor }: InternalTopicSettings = {},
): readonly InternalTopic[] {
  const topic = (name: string, partitions: number, configs: Configs): InternalTopic => ({
    name,
    partitions,
    replicationFactor,
    configs,
  });
  return [
    ...[...repartitions.keys()].map((name) =>
      topic(name, counts.get(name) ?? 0, { ...repartitionConfigs, ...topicConfigs }),
    ),
    ...subTopologies.flatMap((subTopology) =>
      subTopology.changelogs.map(({ topic: name, store }) =>
        topic(name, taskCountOf(subTopology, counts), changelogConfigs(store, topicConfigs)),
      ),
    ),
  ];
}

const createTime = { 'message.timestamp.type': 'CreateTime' };

/** A repartition topic is purged by the application after each commit, not by the broker. */
const repartitionConfigs: Configs = {
  ...createTime,
  'cleanup.policy': 'delete',
  'segment.bytes': '52428800',
  'retention.ms': '-1',
};

function changelogConfigs(store: StoreSpec, topicConfigs: Configs): Configs {
  if (store.kind !== 'window' && store.kind !== 'session')
    return { ...createTime, 'cleanup.policy': 'compact', ...topicConfigs, ...store.logConfigs };
  return {
    ...createTime,
    'cleanup.policy': 'compact,delete',
    ...topicConfigs,
    'retention.ms': retentionOf(store.retentionMs),
    ...store.logConfigs,
    ...(keepsDuplicates(store) && { 'cleanup.policy': 'delete' }),
  };
}

/** The log keeps windows longer than the store, since the clocks of the producers differ. */
const additionalRetentionMs: DurationMs = days(1);
const retentionMax = 2n ** 63n - 1n;

function retentionOf(retentionMs: number): string {
  const retention = BigInt(Math.ceil(retentionMs)) + BigInt(additionalRetentionMs);
  return String(retention < retentionMax ? retention : retentionMax);
}

/** Duplicates have keys of their own, so that compaction would never remove any. */
const keepsDuplicates = (store: StoreSpec): boolean => store.kind === 'window' && store.retainDuplicates;
