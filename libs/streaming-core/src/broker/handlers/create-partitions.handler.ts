import type { TopicDescription } from '../../log/topic-description.ts';
import {
  createPartitions,
  type CreatePartitionsRequest,
  type CreatePartitionsResponse,
} from '../../protocol/apis/create-partitions.ts';
import { errorCodes, ProtocolError } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { NamedItems, eachInTurn } from '../items-of-request.ts';
import { errorCodeOf, errorMessageOf, serve } from '../served-api.ts';

type TopicToGrow = CreatePartitionsRequest['topics'][number];
type Result = CreatePartitionsResponse['results'][number];

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

interface Options {
  readonly request: CreatePartitionsRequest;
  readonly named: NamedItems<TopicToGrow>;
  readonly services: BrokerServices;
}

/** Rejects a name that occurs twice, with one result. */
async function grow(topic: TopicToGrow, { request, named, services }: Options): Promise<Result> {
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
