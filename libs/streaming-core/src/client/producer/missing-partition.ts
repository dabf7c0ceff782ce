import { ClientError } from '../errors/client-error.ts';
import type { TopicPartition } from '../types.ts';

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
