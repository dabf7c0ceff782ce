import { type DurationMs, pause, withDeadline } from '../../runtime/index.ts';
import { backoffDelay } from '../connection/retries.ts';
import { ClientError, toClientError } from '../errors/client-error.ts';
import type { BrokerClient } from '../connection/broker-client.ts';
import type { ConnectionSettings } from '../connection/connection-settings.ts';
import type { TopicPartition } from '../topic-partition.ts';

interface CountingSettings extends ConnectionSettings {
  readonly unknownTopicTimeoutMs: DurationMs;
  /** When to give up, on the monotonic clock. */
  readonly deadline: number;
}

/**
 * Resolves to the number of partitions of each topic. Retries after a failure until the deadline,
 * and for an unknown topic only for `unknownTopicTimeoutMs`. At this point nothing has been sent.
 */
export async function partitionCounts(
  brokers: BrokerClient,
  topics: readonly string[],
  settings: CountingSettings,
): Promise<ReadonlyMap<string, number>> {
  const { clock, unknownTopicTimeoutMs, deadline } = settings;
  const unknownUntil = Math.min(deadline, clock.monotonic() + unknownTopicTimeoutMs);
  for (let attempt = 0; ; attempt += 1) {
    const counts = await lookUp(brokers, topics, settings);
    if (!(counts instanceof ClientError)) return counts;
    const limit = counts.code === 'unknown_topic' ? unknownUntil : deadline;
    if (clock.monotonic() >= limit) throw counts;
    await pause(clock, backoffDelay(attempt, settings), brokers.closing);
  }
}

async function lookUp(
  brokers: BrokerClient,
  topics: readonly string[],
  settings: CountingSettings,
): Promise<ReadonlyMap<string, number> | ClientError> {
  const { clock, deadline } = settings;
  if (brokers.closing.aborted) throw new ClientError('closed', 'the producer is closed');
  const late = () =>
    new ClientError('unreachable', `no broker described ${topics.join(', ')} in time: nothing was sent`);
  try {
    const lookup = await withDeadline(
      clock,
      deadline - clock.monotonic(),
      brokers.lookUpTopics(topics),
      late,
    );
    if (lookup.unknown.length > 0)
      return new ClientError(
        'unknown_topic',
        `no topic named ${lookup.unknown.join(', ')}: create it (admin.topics.create, or npm run millrace -- topics create <name>), or correct the name`,
      );
    return new Map([...lookup.found].map(([topic, { partitions }]) => [topic, partitions.length] as const));
  } catch (error) {
    return toClientError(error, 'asking for partitions');
  }
}

/**
 * Returns the reason why records cannot be written to a partition now. `partitions` is the number
 * of partitions that the topic has in metadata, or undefined if there is no such topic.
 */
export function missingReason(
  { topic, partition }: TopicPartition,
  partitions: number | undefined,
): ClientError {
  if (partitions === undefined) return new ClientError('unknown_topic', `no topic named ${topic}`);
  if (partition < partitions)
    return new ClientError('unreachable', `partition ${topic}/${partition} has no leader now`);
  const message =
    `topic ${topic} was recreated with ${partitions} partitions, without partition ${partition}. ` +
    'Send the records again';
  return new ClientError('topic_recreated', message);
}
