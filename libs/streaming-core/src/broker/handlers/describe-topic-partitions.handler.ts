import type { LogManager } from '../../log/log-manager-port.ts';
import type { TopicDescription } from '../../log/topic-description.ts';
import { checkTopicName } from '../../log/topics/topic-name.ts';
import {
  describeTopicPartitions,
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponse,
} from '../../protocol/apis/describe-topic-partitions.ts';
import { errorCodes, ProtocolError, type ErrorCode } from '../../protocol/errors.ts';
import { zeroUuid } from '../../protocol/schema.ts';
import type { BrokerServices } from '../broker-services.ts';
import { allTopicOperations, operationsNotAskedFor } from '../authorized-operations.ts';
import { describePartition } from '../partition-description.ts';
import { errorCodeOf, serve } from '../served-api.ts';

type Cursor = NonNullable<DescribeTopicPartitionsRequest['cursor']>;
type AnsweredTopic = DescribeTopicPartitionsResponse['topics'][number];

/** Kafka's max.request.partition.size.limit. */
const partitionsMax = 2_000;

/**
 * DescribeTopicPartitions (KIP-966): returns topics in order of their names, from the cursor on,
 * with as many partitions as fit, and the next cursor.
 */
export const describeTopicPartitionsHandler = (services: BrokerServices) =>
  serve(
    describeTopicPartitions,
    (request) => {
      const { cursor } = request;
      const names = namesFrom(request, services.logs);
      const topics: AnsweredTopic[] = [];
      let left = Math.min(Math.max(request.responsePartitionLimit, 1), partitionsMax);
      for (const [index, name] of names.entries()) {
        const topic = services.logs.topic(name);
        const first = cursor?.topicName === name ? cursor.partitionIndex : 0;
        const answered =
          topic === undefined
            ? failed(name, missing(name))
            : describe(topic, { first, count: left, services });
        topics.push(answered);
        left -= answered.partitions.length;
        const next = nextAfter(
          { topic, first, count: answered.partitions.length },
          { left, following: names[index + 1] },
        );
        if (next !== undefined) return { topics, nextCursor: next };
      }
      return { topics };
    },
    {
      refuse: (errorCode, _message, { topics }) => ({
        topics: topics.map(({ name }) => ({
          ...failed(name, errorCode),
          topicAuthorizedOperations: operationsNotAskedFor,
        })),
      }),
    },
  );

/**
 * Returns every topic if no names are given. Throws INVALID_REQUEST for a cursor outside the
 * requested topics.
 */
function namesFrom({ topics, cursor }: DescribeTopicPartitionsRequest, logs: LogManager): string[] {
  const wanted = topics.length === 0 ? logs.topics() : topics;
  const names = [...new Set(wanted.map(({ name }) => name))].sort();
  if (cursor === null) return names;
  if (cursor.partitionIndex < 0)
    throw new ProtocolError('INVALID_REQUEST', `cursor partition ${cursor.partitionIndex} is below 0`);
  if (topics.length > 0 && names.every((name) => name !== cursor.topicName))
    throw new ProtocolError(
      'INVALID_REQUEST',
      `cursor topic ${cursor.topicName} is not among the requested topics`,
    );
  return names.filter((name) => name >= cursor.topicName);
}

interface Span {
  readonly first: number;
  readonly count: number;
  readonly services: BrokerServices;
}

function describe(topic: TopicDescription, { first, count, services }: Span): AnsweredTopic {
  const end = Math.min(topic.partitions, first + count);
  const partitions = Array.from({ length: Math.max(end - first, 0) }, (_, index) => ({
    ...describePartition(topic.name, first + index, services),
    eligibleLeaderReplicas: [],
    lastKnownElr: [],
    offlineReplicas: [],
  }));
  const { name, topicId, internal } = topic;
  return {
    errorCode: errorCodes.NONE,
    name,
    topicId,
    isInternal: internal,
    partitions,
    topicAuthorizedOperations: allTopicOperations,
  };
}

function nextAfter(
  {
    topic,
    first,
    count,
  }: { readonly topic: TopicDescription | undefined; readonly first: number; readonly count: number },
  { left, following }: { readonly left: number; readonly following: string | undefined },
): Cursor | undefined {
  if (left > 0 || topic === undefined) return undefined;
  if (first + count < topic.partitions) return { topicName: topic.name, partitionIndex: first + count };
  return following === undefined ? undefined : { topicName: following, partitionIndex: 0 };
}

function missing(name: string): ErrorCode {
  try {
    checkTopicName(name);
    return errorCodes.UNKNOWN_TOPIC_OR_PARTITION;
  } catch (error) {
    return errorCodeOf(error);
  }
}

const failed = (name: string, errorCode: ErrorCode): AnsweredTopic => ({
  errorCode,
  name,
  topicId: zeroUuid,
  partitions: [],
  topicAuthorizedOperations: allTopicOperations,
});
