import { deleteTopics } from '../../protocol/apis/topic-admin.ts';
import { ClientError } from '../errors/client-error.ts';
import type { AdminCalls, Answers } from './admin-calls.ts';
import { refusal } from './refusals.ts';
import { describedTopics } from './topic-description.ts';

/** The name of a topic, or its id (KIP-516), which a recreated topic does not share. */
export type TopicRef = string | { readonly topicId: string };

interface DeletedTopic {
  readonly name: string;
  readonly topicId: string;
}

/** The first version of DeleteTopics that may name a topic by its id. */
const idsSince = 6;

export async function requestDeletion(
  calls: AdminCalls,
  topics: ReadonlyMap<string, TopicRef>,
): Promise<Answers<DeletedTopic>> {
  const connection = await calls.brokers.anyConnection();
  const version = connection.versions.newest(deleteTopics);
  const asked =
    version < idsSince
      ? { topicNames: [...topics.values()].map(nameOnly) }
      : { topics: [...topics.values()].map(byNameOrId) };
  const { responses } = await connection.request(deleteTopics, version, {
    ...asked,
    timeoutMs: calls.brokerTimeoutMs,
  });
  return new Map(
    responses.map(({ name, topicId, errorCode, errorMessage }) => [
      name !== null && topics.has(name) ? name : topicId,
      refusal(errorCode, errorMessage) ?? { name: name ?? '', topicId },
    ]),
  );
}

/** Returns for each deleted topic why it still seems to exist. */
export async function undeleted(
  calls: AdminCalls,
  deleted: ReadonlyMap<string, DeletedTopic>,
): Promise<ReadonlyMap<string, Error | undefined>> {
  const names = [...deleted.values()].map(({ name }) => name);
  const described = describedTopics(await calls.brokers.metadataOf(names));
  return new Map(
    [...deleted].map(([item, { name, topicId }]) => {
      const shown = described.get(name);
      const exists = shown !== undefined && !(shown instanceof Error) && shown.topicId === topicId;
      return [item, exists ? new ClientError('unreachable', `topic ${name} still exists`) : undefined];
    }),
  );
}

const byNameOrId = (topic: TopicRef) =>
  typeof topic === 'string' ? { name: topic } : { name: null, topicId: topic.topicId };

function nameOnly(topic: TopicRef): string {
  if (typeof topic === 'string') return topic;
  throw new ClientError('broker_error', 'the broker deletes topics by name only: give the name of the topic');
}
