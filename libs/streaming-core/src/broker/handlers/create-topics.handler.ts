import type { TopicDescription } from '../../log/topic-description.ts';
import {
  createTopics,
  type CreateTopicsRequest,
  type CreateTopicsResponse,
} from '../../protocol/apis/create-topics.ts';
import { errorCodes, ProtocolError } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { NamedItems, eachInTurn } from '../items-of-request.ts';
import { errorCodeOf, errorMessageOf, serve } from '../served-api.ts';
import { effectiveTopicConfigs, validTopicConfigs } from '../configs/topic-configs.ts';
import { checkNewTopicName } from '../topic-names.ts';

type NewTopic = CreateTopicsRequest['topics'][number];
type Result = CreateTopicsResponse['topics'][number];

const brokerDefault = -1;

/**
 * CreateTopics. The topics are durable when it answers. `validateOnly` reports the same errors and
 * creates nothing.
 */
export const createTopicsHandler = (services: BrokerServices) =>
  serve(createTopics, async (request) => {
    const named = new NamedItems(request.topics, ({ name }) => name);
    return {
      topics: await eachInTurn(named.once(), services, (topic) =>
        create(topic, { request, named, services }),
      ),
    };
  });

interface Options {
  readonly request: CreateTopicsRequest;
  readonly named: NamedItems<NewTopic>;
  readonly services: BrokerServices;
}

/** Rejects a name that occurs twice, with one result. */
async function create(topic: NewTopic, options: Options): Promise<Result> {
  const { services } = options;
  try {
    if (options.named.isRepeated(topic))
      throw new ProtocolError('INVALID_REQUEST', `topic ${topic.name} occurs twice in the request`);
    checkNewTopicName(topic.name, services.logs);
    const configs = validTopicConfigs(topic.configs);
    const partitions = partitionCount(topic, options);
    if (options.request.validateOnly) return created({ name: topic.name, partitions, configs }, services);
    return created(await services.logs.createTopic({ name: topic.name, partitions, configs }), services);
  } catch (error) {
    if (!(error instanceof ProtocolError))
      services.logger.error({ err: error, topic: topic.name }, 'a topic could not be created');
    return { name: topic.name, errorCode: errorCodeOf(error), errorMessage: errorMessageOf(error) };
  }
}

type MadeTopic = Pick<TopicDescription, 'name' | 'partitions' | 'configs'> & { readonly topicId?: string };

function created(topic: MadeTopic, { configs }: BrokerServices): Result {
  return {
    name: topic.name,
    topicId: topic.topicId,
    errorCode: errorCodes.NONE,
    numPartitions: topic.partitions,
    replicationFactor: 1,
    configs: effectiveTopicConfigs(topic.configs, configs.current).map(({ source, ...config }) => ({
      ...config,
      configSource: source,
      isSensitive: false,
    })),
  };
}

/**
 * Returns the requested number of partitions, after checking counts, replication factor and manual
 * assignments.
 */
function partitionCount(topic: NewTopic, { services }: Options): number {
  const count = topic.assignments.length > 0 ? assignedCount(topic, services) : plainCount(topic, services);
  services.logs.checkPartitionsAdded(topic.name, count);
  return count;
}

function plainCount(topic: NewTopic, { defaultPartitions }: BrokerServices): number {
  const { name, numPartitions, replicationFactor } = topic;
  if (replicationFactor < 1 && replicationFactor !== brokerDefault)
    throw new ProtocolError(
      'INVALID_REPLICATION_FACTOR',
      `${name}: replication factor ${replicationFactor} is invalid: give 1`,
    );
  if (numPartitions < 1 && numPartitions !== brokerDefault)
    throw new ProtocolError(
      'INVALID_PARTITIONS',
      `${name}: ${numPartitions} partitions are invalid: give 1 or more`,
    );
  if (replicationFactor > 1) throw tooManyReplicas(name, replicationFactor);
  return numPartitions === brokerDefault ? defaultPartitions : numPartitions;
}

const tooManyReplicas = (name: string, replicationFactor: number) =>
  new ProtocolError(
    'INVALID_REPLICATION_FACTOR',
    `${name}: replication factor ${replicationFactor} is not possible: this broker is a single node. ` +
      'Use 1, or run Apache Kafka, which ' +
      'replicates. Millrace runs on it unchanged.',
  );

/**
 * Checks a manual assignment: both counts are -1, and partitions 0 to n-1 are assigned to this node
 * alone.
 */
function assignedCount(topic: NewTopic, { nodeId }: BrokerServices): number {
  const { name, numPartitions, replicationFactor, assignments } = topic;
  if (numPartitions !== brokerDefault || replicationFactor !== brokerDefault)
    throw new ProtocolError(
      'INVALID_REQUEST',
      `${name}: give either counts or assignments; with assignments, both counts have to be -1`,
    );
  const indexes = new Set(assignments.map(({ partitionIndex }) => partitionIndex));
  const complete = assignments.every((_, index) => indexes.has(index));
  const here = assignments.every(({ brokerIds }) => brokerIds.length === 1 && brokerIds[0] === nodeId);
  if (!complete || !here)
    throw new ProtocolError(
      'INVALID_REPLICA_ASSIGNMENT',
      `${name}: assign partitions 0 to n-1, each to broker ${nodeId} alone: this is a single node`,
    );
  return assignments.length;
}
