import { deleteTopics } from '../../protocol/apis/delete-topics.ts';
import { ClientError, isProtocolError } from '../client-error.ts';
import type { AdminCalls, Answers } from './admin-calls.ts';
import { refusal } from './refusals.ts';
import { describedTopics } from './topic-description.ts';

/** A topic by its name or, so that a recreated topic is spared, by its id (KIP-516). */
export type TopicRef = string | { readonly topicId: string };

/** What was deleted. The name is missing if an earlier attempt, whose answer was lost, deleted it. */
interface DeletedTopic {
  readonly name: string | undefined;
  readonly topicId: string;
}

/** The first version of DeleteTopics that may name a topic by its id. */
const idsSince = 6;

/** Deletes topics. A repeated request finds them gone, which is an error only in the first attempt. */
export class TopicDeletion {
  readonly #calls: AdminCalls;
  readonly #attempted = new Set<string>();

  constructor(calls: AdminCalls) {
    this.#calls = calls;
  }

  async request(topics: ReadonlyMap<string, TopicRef>): Promise<Answers<DeletedTopic>> {
    const connection = await this.#calls.brokers.anyConnection();
    const version = connection.versions.newest(deleteTopics);
    const timeoutMs = this.#calls.brokerTimeoutMs;
    const asked =
      version < idsSince
        ? { topicNames: [...topics.values()].map(nameOnly), timeoutMs }
        : { topics: [...topics.values()].map(byNameOrId), timeoutMs };
    const repeated = new Set([...topics.keys()].filter((name) => this.#attempted.has(name)));
    for (const name of topics.keys()) this.#attempted.add(name);
    const { responses } = await connection.request(deleteTopics, version, asked);
    return new Map(
      responses.map(({ name, topicId, errorCode, errorMessage }) => {
        const item = name !== null && topics.has(name) ? name : topicId;
        const refused = refusal(errorCode, errorMessage);
        const goneBefore = repeated.has(item) && isProtocolError(refused, ...unknownTopic);
        return [
          item,
          goneBefore ? { name: undefined, topicId } : (refused ?? { name: name ?? undefined, topicId }),
        ];
      }),
    );
  }

  /** Returns for each deleted topic why it still seems to exist. */
  async remaining(
    deleted: ReadonlyMap<string, DeletedTopic>,
  ): Promise<ReadonlyMap<string, Error | undefined>> {
    const names = [...deleted.values()].flatMap(({ name }) => name ?? []);
    const described = describedTopics(await this.#calls.brokers.metadataOf(names));
    return new Map(
      [...deleted].map(([item, { name = '', topicId }]) => {
        const shown = described.get(name);
        const exists = shown !== undefined && !(shown instanceof Error) && shown.topicId === topicId;
        return [item, exists ? new ClientError('unreachable', `topic ${name} still exists`) : undefined];
      }),
    );
  }
}

const unknownTopic = ['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID'] as const;

const byNameOrId = (topic: TopicRef) =>
  typeof topic === 'string' ? { name: topic } : { name: null, topicId: topic.topicId };

function nameOnly(topic: TopicRef): string {
  if (typeof topic === 'string') return topic;
  throw new ClientError('broker_error', 'the broker deletes topics by name only: give the name of the topic');
}
