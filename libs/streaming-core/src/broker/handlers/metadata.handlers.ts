import { type TopicDescription, checkTopicName } from '../../log/topics/topic-catalog.ts';
import {
  metadata,
  type MetadataRequest,
  type MetadataResponse,
  describeTopicPartitions,
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponse,
} from '../../protocol/apis/metadata.ts';
import { errorCodes, ProtocolError, type ErrorCode } from '../../protocol/errors.ts';
import { zeroUuid } from '../../protocol/schema.ts';
import type { BrokerServices } from '../broker-services.ts';
import {
  allClusterOperations,
  allTopicOperations,
  operationsNotAskedFor,
  errorCodeOf,
  serve,
} from '../served-api.ts';
import { eachInTurn, isFree } from '../items-of-request.ts';
import type { LogManager } from '../../log/log-manager.ts';

/** Before this version, a response cannot have a topic without a name. */
const byIdSince = 12;

type RequestedTopic = NonNullable<MetadataRequest['topics']>[number];
type AnsweredTopic = MetadataResponse['topics'][number];

/** Metadata: returns one broker, which leads every partition. */
export const metadataHandler = (services: BrokerServices) =>
  serve(
    metadata,
    async (request, { apiVersion }) => {
      const { logs, advertised, nodeId } = services;
      checkNames(request, apiVersion);
      const all = request.topics === null || (apiVersion === 0 && request.topics.length === 0);
      const operations = request.includeTopicAuthorizedOperations
        ? allTopicOperations
        : operationsNotAskedFor;
      const topics: readonly AnsweredTopic[] = all
        ? logs.topics().map((topic) => describeTopic(topic, services))
        : await eachInTurn(distinct(request.topics ?? []), services, (topic) =>
            resolveTopic(topic, request, services),
          );
      return {
        brokers: [{ nodeId, ...advertised }],
        clusterId: logs.clusterId,
        controllerId: nodeId,
        topics: topics.map((topic) => ({
          ...topic,
          topicAuthorizedOperations: topic.name === null ? operationsNotAskedFor : operations,
        })),
        clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
          ? allClusterOperations
          : operationsNotAskedFor,
      };
    },
    {
      refuse: (errorCode, _message, { topics }) => ({
        brokers: [],
        topics: (topics ?? []).map(({ name, topicId }) => failed({ name: name ?? '', topicId }, errorCode)),
      }),
    },
  );

function checkNames({ topics }: MetadataRequest, apiVersion: number): void {
  const unnamed = topics?.some(({ topicId, name }) => topicId !== zeroUuid || name === null) ?? false;
  if (unnamed && apiVersion < byIdSince)
    throw new ProtocolError(
      'INVALID_REQUEST',
      `topics can be requested by id from Metadata version ${byIdSince}`,
    );
}

/** A topic that is requested twice is returned once. */
const distinct = (topics: readonly RequestedTopic[]): readonly RequestedTopic[] => [
  ...new Map(topics.map((topic) => [`${topic.topicId} ${topic.name}`, topic])).values(),
];

async function resolveTopic(
  asked: RequestedTopic,
  request: MetadataRequest,
  services: BrokerServices,
): Promise<AnsweredTopic> {
  const byId = asked.topicId !== zeroUuid;
  if (byId) {
    const topic = services.logs.topicById(asked.topicId);
    return topic === undefined
      ? failed({ ...asked, name: null }, errorCodes.UNKNOWN_TOPIC_ID)
      : describeTopic(topic, services);
  }
  const name = asked.name ?? '';
  const topic = services.logs.topic(name);
  if (topic !== undefined) return describeTopic(topic, services);
  return autoCreate(name, request.allowAutoTopicCreation, services);
}

/**
 * Rejects an invalid name whether or not topics may be created. A topic with a valid name that
 * cannot be created is reported as unknown.
 */
async function autoCreate(name: string, allowed: boolean, services: BrokerServices): Promise<AnsweredTopic> {
  const { logs, defaultPartitions, autoCreateTopics } = services;
  try {
    checkTopicName(name);
    if (!allowed || !autoCreateTopics || !isFree(name, logs))
      return failed({ name, topicId: zeroUuid }, errorCodes.UNKNOWN_TOPIC_OR_PARTITION);
    return describeTopic(await logs.createTopic({ name, partitions: defaultPartitions }), services);
  } catch (error) {
    const made = logs.topic(name);
    if (made !== undefined) return describeTopic(made, services);
    if (!(error instanceof ProtocolError))
      services.logger.error({ err: error, topic: name }, 'a topic could not be created');
    return failed({ name, topicId: zeroUuid }, errorCodeOf(error));
  }
}

function describeTopic(topic: TopicDescription, services: BrokerServices): AnsweredTopic {
  return {
    errorCode: errorCodes.NONE,
    name: topic.name,
    topicId: topic.topicId,
    isInternal: topic.internal,
    partitions: Array.from({ length: topic.partitions }, (_, index) =>
      describePartition(topic.name, index, services),
    ),
  };
}

const failed = ({ name, topicId }: RequestedTopic, errorCode: ErrorCode): AnsweredTopic => ({
  errorCode,
  name,
  topicId,
  partitions: [],
});

/** A partition on this single node, which is its leader and its only in-sync replica. */
const describePartition = (topic: string, partitionIndex: number, { logs, nodeId }: BrokerServices) => ({
  errorCode: errorCodes.NONE,
  partitionIndex,
  leaderId: nodeId,
  leaderEpoch: logs.partition(topic, partitionIndex)?.leaderEpoch ?? 0,
  replicaNodes: [nodeId],
  isrNodes: [nodeId],
});

type Cursor = NonNullable<DescribeTopicPartitionsRequest['cursor']>;
type DescribedTopic = DescribeTopicPartitionsResponse['topics'][number];

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
      const topics: DescribedTopic[] = [];
      let left = Math.min(Math.max(request.responsePartitionLimit, 1), partitionsMax);
      for (const [index, name] of names.entries()) {
        const topic = services.logs.topic(name);
        const first = cursor?.topicName === name ? cursor.partitionIndex : 0;
        const answered =
          topic === undefined
            ? failedTopic(name, missing(name))
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
          ...failedTopic(name, errorCode),
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

function describe(topic: TopicDescription, { first, count, services }: Span): DescribedTopic {
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

const failedTopic = (name: string, errorCode: ErrorCode): DescribedTopic => ({
  errorCode,
  name,
  topicId: zeroUuid,
  partitions: [],
  topicAuthorizedOperations: allTopicOperations,
});
