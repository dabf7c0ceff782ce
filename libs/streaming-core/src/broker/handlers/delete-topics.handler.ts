import { deleteTopics, type DeleteTopicsResponse } from '../../protocol/apis/delete-topics.ts';
import { errorCodes, ProtocolError } from '../../protocol/errors.ts';
import { zeroUuid } from '../../protocol/schema.ts';
import type { BrokerServices } from '../broker-services.ts';
import { NamedItems, eachInTurn } from '../items-of-request.ts';
import { errorCodeOf, errorMessageOf, serve } from '../served-api.ts';

type Result = DeleteTopicsResponse['responses'][number];

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
async function remove(one: Wanted, named: NamedItems<Wanted>, services: BrokerServices): Promise<Result> {
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
