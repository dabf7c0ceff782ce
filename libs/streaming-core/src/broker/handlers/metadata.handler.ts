import type { TopicDescription } from '../../log/topic-description.ts';
import { metadata, type MetadataRequest, type MetadataResponse } from '../../protocol/apis/metadata.ts';
import { errorCodes, ProtocolError, type ErrorCode } from '../../protocol/errors.ts';
import { zeroUuid } from '../../protocol/schema.ts';
import type { BrokerServices } from '../broker-services.ts';
import { allClusterOperations, allTopicOperations, operationsNotAskedFor } from '../authorized-operations.ts';
import { describePartition } from '../partition-description.ts';
import { eachInTurn } from '../items-of-request.ts';
import { errorCodeOf, serve } from '../served-api.ts';
import { checkTopicName } from '../../log/topics/topic-name.ts';
import { isFree } from '../topic-names.ts';

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
