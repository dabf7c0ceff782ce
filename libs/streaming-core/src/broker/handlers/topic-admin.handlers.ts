import type { TopicDescription } from '../../log/topics/topic-catalog.ts';
import {
  createTopics,
  type CreateTopicsRequest,
  type CreateTopicsResponse,
  createPartitions,
  type CreatePartitionsRequest,
  type CreatePartitionsResponse,
  deleteTopics,
  type DeleteTopicsResponse,
} from '../../protocol/apis/topic-admin.ts';
import { errorCodes, ProtocolError } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { NamedItems, eachInTurn, checkNewTopicName } from '../items-of-request.ts';
import { errorCodeOf, errorMessageOf, serve } from '../served-api.ts';
import { effectiveTopicConfigs, validTopicConfigs } from '../configs/topic-configs.ts';
import { zeroUuid } from '../../protocol/schema.ts';

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

type TopicToGrow = CreatePartitionsRequest['topics'][number];
type CreatedPartitions = CreatePartitionsResponse['results'][number];

/**
 * CreatePartitions. The partitions are durable when it answers. `validateOnly` reports the same
 * errors and adds nothing.
 */
export const createPartitionsHandler = (services: BrokerServices) =>
  serve(createPartitions, async (request) => {
    const named = new NamedItems(request.topics, ({ name }) => name);
    return {
      results: await eachInTurn(named.once(), services, (topic) => grow(topic, { request, named, services })),
    };
  });

interface PartitionOptions {
  readonly request: CreatePartitionsRequest;
  readonly named: NamedItems<TopicToGrow>;
  readonly services: BrokerServices;
}

/** Adds partitions to a topic. A topic that the request names twice is refused, and gets one result. */
async function grow(
  topic: TopicToGrow,
  { request, named, services }: PartitionOptions,
): Promise<CreatedPartitions> {
  const { name, count } = topic;
  try {
    if (named.isRepeated(topic))
      throw new ProtocolError('INVALID_REQUEST', `topic ${name} occurs twice in the request`);
    checkGrowth(topic, services);
    if (!request.validateOnly) await services.logs.addPartitions(name, count);
    return { name, errorCode: errorCodes.NONE };
  } catch (error) {
    if (!(error instanceof ProtocolError))
      services.logger.error({ err: error, topic: name }, 'partitions could not be added');
    return { name, errorCode: errorCodeOf(error), errorMessage: errorMessageOf(error) };
  }
}

function checkGrowth(topic: TopicToGrow, services: BrokerServices): void {
  const { logs, nodeId } = services;
  const { name, count } = topic;
  const known = logs.topic(name);
  if (known === undefined) throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic ${name}`);
  const added = count - known.partitions;
  if (added <= 0)
    throw new ProtocolError(
      'INVALID_PARTITIONS',
      `topic ${name} has ${known.partitions} partitions, and their number can only grow: ask for more`,
    );
  checkAssignments(topic, known, nodeId);
  logs.checkPartitionsAdded(name, added);
}

/** Checks that there is one assignment for each new partition, to this node alone. */
function checkAssignments(
  { name, count, assignments }: TopicToGrow,
  known: TopicDescription,
  nodeId: number,
): void {
  if (assignments === null) return;
  const added = count - known.partitions;
  const here = assignments.every(({ brokerIds }) => brokerIds.length === 1 && brokerIds[0] === nodeId);
  if (assignments.length !== added || !here)
    throw new ProtocolError(
      'INVALID_REPLICA_ASSIGNMENT',
      `${name}: assign each of the ${added} new partitions to broker ${nodeId} alone: this is a single node`,
    );
}

type DeletedTopic = DeleteTopicsResponse['responses'][number];

interface Wanted {
  readonly name: string | null;
  readonly topicId: string;
}

const namesUntil = 5;

/**
 * DeleteTopics: by name, or from version 6 by id. Also deletes the committed offsets for the topic.
 */
export const deleteTopicsHandler = (services: BrokerServices) =>
  serve(deleteTopics, async (request, { apiVersion }) => {
    const byName = request.topicNames.map((name) => ({ name, topicId: zeroUuid }));
    const wanted = apiVersion <= namesUntil ? byName : request.topics;
    const named = new NamedItems<Wanted>(wanted, ({ name, topicId }) => `${topicId} ${name ?? ''}`);
    return { responses: await eachInTurn(named.once(), services, (one) => remove(one, named, services)) };
  });

/** Rejects a topic that occurs twice, with one result. */
async function remove(
  one: Wanted,
  named: NamedItems<Wanted>,
  services: BrokerServices,
): Promise<DeletedTopic> {
  let name = one.name;
  try {
    if (named.isRepeated(one))
      throw new ProtocolError('INVALID_REQUEST', 'a topic occurs twice in the request');
    const topic = find(one, services);
    name = topic.name;
    if (topic.internal)
      throw new ProtocolError('TOPIC_DELETION_DISABLED', `${name} is managed by the broker itself`);
    if (!services.deleteTopics)
      throw new ProtocolError(
        'TOPIC_DELETION_DISABLED',
        'delete.topic.enable is false: topics cannot be deleted',
      );
    await services.logs.deleteTopic(name);
    await services.groups.forgetTopic(name);
    return { name, topicId: topic.topicId, errorCode: errorCodes.NONE };
  } catch (error) {
    if (!(error instanceof ProtocolError))
      services.logger.error({ err: error, topic: name }, 'a topic could not be deleted');
    return { name, topicId: one.topicId, errorCode: errorCodeOf(error), errorMessage: errorMessageOf(error) };
  }
}

function find({ name, topicId }: Wanted, { logs }: BrokerServices) {
  if (topicId !== zeroUuid && name !== null)
    throw new ProtocolError('INVALID_REQUEST', 'give a topic by name or by id, not by both');
  if (topicId === zeroUuid && name === null)
    throw new ProtocolError('INVALID_REQUEST', 'give a topic by name or by id');
  const topic = name === null ? logs.topicById(topicId) : logs.topic(name);
  if (topic !== undefined) return topic;
  if (name === null) throw new ProtocolError('UNKNOWN_TOPIC_ID', `there is no topic with id ${topicId}`);
  throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic ${name}`);
}
