import { days, type DurationMs, pause, seconds, type Clock } from '@millrace/streaming-core/runtime';
import { type NewTopic, ItemsFailed, type Admin, type TopicIdentity } from '@millrace/streaming-core/client';
import type { StoreSpec } from '../state/store-spec.ts';
import type { ApplicationTopics, PartitionCounts } from './application-topics.ts';
import { AssignmentError } from './assignment-error.ts';
import { taskCountOf } from './partition-counts.ts';

type Configs = Readonly<Record<string, string>>;

/** A topic that the application creates for its own use. */
type InternalTopic = NewTopic & { readonly partitions: number; readonly configs: Configs };

/**
 * Returns the repartition topics and changelogs of an application, with the configs that Kafka
 * Streams gives them. A changelog has one partition per task. The default of `replicationFactor` is
 * that of the cluster.
 */
export function internalTopicsOf(
  { subTopologies, repartitions }: ApplicationTopics,
  counts: PartitionCounts,
  replicationFactor?: number,
): readonly InternalTopic[] {
  const topic = (name: string, partitions: number, configs: Configs): InternalTopic => ({
    name,
    partitions,
    replicationFactor,
    configs,
  });
  return [
    ...[...repartitions.keys()].map((name) => topic(name, counts.get(name) ?? 0, repartitionConfigs)),
    ...subTopologies.flatMap((subTopology) =>
      subTopology.changelogs.map(({ topic: name, store }) =>
        topic(name, taskCountOf(subTopology, counts), changelogConfigs(store)),
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

function changelogConfigs(store: StoreSpec): Configs {
  if (store.kind !== 'window' && store.kind !== 'session')
    return { ...createTime, 'cleanup.policy': 'compact', ...store.logConfigs };
  return {
    ...createTime,
    'cleanup.policy': 'compact,delete',
    'retention.ms': retentionOf(store.retentionMs),
    ...store.logConfigs,
    ...(keepsDuplicates(store) && { 'cleanup.policy': 'delete' }),
  };
}

/** The changelog keeps windows longer than the store does, since the clocks of producers differ. */
const additionalRetentionMs: DurationMs = days(1);
const retentionMax = 2n ** 63n - 1n;

function retentionOf(retentionMs: number): string {
  const retention = BigInt(Math.ceil(retentionMs)) + BigInt(additionalRetentionMs);
  return String(retention < retentionMax ? retention : retentionMax);
}

/** Every duplicate has its own key, so compaction would never remove any. */
const keepsDuplicates = (store: StoreSpec): boolean => store.kind === 'window' && store.retainDuplicates;

/** The parts of the admin client that create internal topics. */
export interface TopicCreation extends Pick<Admin, 'describeTopics'> {
  readonly topics: Pick<Admin['topics'], 'create'>;
}

const visibleMs: DurationMs = seconds(30);
const retryMs: DurationMs = 100;

/**
 * Creates the internal topics that do not exist, and checks the others. Idempotent: every process
 * calls it before it joins the group, so several may create the topics at once. Rejects with
 * `topic_mismatch` if a topic has another number of partitions, because its keys would move to
 * other tasks.
 */
export async function ensureInternalTopics(
  admin: TopicCreation,
  topics: readonly InternalTopic[],
  clock: Clock,
): Promise<void> {
  const deadlineMs = clock.monotonic() + visibleMs;
  let absent = await absentOf(admin, topics);
  while (absent.length > 0) {
    await createThose(admin, absent);
    absent = await absentOf(admin, absent);
    if (absent.length === 0) return;
    if (clock.monotonic() >= deadlineMs)
      throw new AssignmentError(
        'missing_topics',
        `the internal topic ${absent[0]?.name} exists, but the brokers do not list it. Is it being deleted?`,
      );
    await pause(clock, retryMs);
  }
}

async function absentOf(
  admin: TopicCreation,
  topics: readonly InternalTopic[],
): Promise<readonly InternalTopic[]> {
  if (topics.length === 0) return [];
  const existing = await admin.describeTopics(topics.map(({ name }) => name));
  for (const topic of topics) checkCount(topic, existing.get(topic.name));
  return topics.filter(({ name }) => !existing.has(name));
}

function checkCount({ name, partitions }: InternalTopic, existing: TopicIdentity | undefined): void {
  if (existing === undefined || existing.partitions === partitions) return;
  throw new AssignmentError(
    'topic_mismatch',
    `the internal topic ${name} has ${existing.partitions} partitions, and the application needs ${partitions}. ` +
      'Restore the number of partitions of the input topics, or stop the application and run the reset tool',
  );
}

async function createThose(admin: TopicCreation, topics: readonly InternalTopic[]): Promise<void> {
  try {
    await admin.topics.create(topics);
  } catch (error) {
    if (!(error instanceof ItemsFailed)) throw error;
    const failed = [...error.failed.values()].find(({ code }) => code !== 'topic_exists');
    if (failed !== undefined) throw failed;
  }
}
