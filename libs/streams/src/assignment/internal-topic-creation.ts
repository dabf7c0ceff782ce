import { ItemsFailed, type Admin, type TopicIdentity } from '@millrace/streaming-core/client';
import { pause, seconds, type Clock, type DurationMs } from '@millrace/streaming-core/runtime';
import { AssignmentError } from './assignment-error.ts';
import type { InternalTopic } from './internal-topics.ts';

/** The parts of the admin client that create internal topics. */
export interface TopicCreation extends Pick<Admin, 'describeTopics'> {
  readonly topics: Pick<Admin['topics'], 'create'>;
}

const visibleMs: DurationMs = seconds(30);
const retryMs: DurationMs = 100;

/**
 * Creates the internal topics that do not exist, and checks the others. Idempotent: every process
 * calls it before it joins the group, so several may create the topics at once. Rejects with
 * `topic_mismatch` if a topic has another number of partitions, because its keys would be in other
 * tasks than before.
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
        `the internal topic ${absent[0]?.name} exists and cannot be seen. Is it being deleted?`,
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
