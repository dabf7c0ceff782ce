import type { MetadataResponse } from '../connection/topic-lookup.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { ClientError } from '../errors/client-error.ts';
import { refusal } from './items-of-call.ts';

export interface PartitionDescription {
  readonly partition: number;
  /** The id of the broker that leads the partition, or -1 while there is none. */
  readonly leader: number;
  readonly leaderEpoch: number;
  /** The ids of the brokers with a replica. The first one is the preferred leader. */
  readonly replicas: readonly number[];
  readonly inSyncReplicas: readonly number[];
  /** The ids of the brokers with a replica that are not running. */
  readonly offlineReplicas: readonly number[];
}

export interface TopicDescription {
  readonly name: string;
  /** The id of the topic, as a UUID in the form 8-4-4-4-12. A recreated topic has another id. */
  readonly topicId: string;
  /** True for the topics that brokers keep for themselves, such as `__consumer_offsets`. */
  readonly internal: boolean;
  /** The partitions by their number. */
  readonly partitions: readonly PartitionDescription[];
}

/** Reads the topics in an answer to Metadata. Each topic may have an error instead. */
export function describedTopics({ topics }: MetadataResponse): ReadonlyMap<string, TopicDescription | Error> {
  return new Map(
    topics.flatMap((topic) => (topic.name === null ? [] : [[topic.name, described(topic, topic.name)]])),
  );
}

function described(topic: MetadataResponse['topics'][number], name: string): TopicDescription | Error {
  if (topic.errorCode === errorCodes.UNKNOWN_TOPIC_OR_PARTITION)
    return new ClientError('unknown_topic', `no topic named ${name}`);
  // A topic that has just been created has no leaders yet.
  const refused = topic.errorCode === errorCodes.LEADER_NOT_AVAILABLE ? undefined : refusal(topic.errorCode);
  if (refused) return refused;
  const partitions = topic.partitions.map((one) => ({
    partition: one.partitionIndex,
    leader: one.leaderId,
    leaderEpoch: one.leaderEpoch,
    replicas: one.replicaNodes,
    inSyncReplicas: one.isrNodes,
    offlineReplicas: one.offlineReplicas,
  }));
  partitions.sort((left, right) => left.partition - right.partition);
  return { name, topicId: topic.topicId, internal: topic.isInternal, partitions };
}
