import { deleteTopics } from '../../protocol/apis/topic-admin.ts';
import { ClientError } from '../errors/client-error.ts';
import type { AdminCalls, Answers } from './admin-calls.ts';
import { namedItems, refusal } from './items-of-call.ts';
import {
  checkNewTopic,
  requestTopics,
  unwritable,
  type CreatedTopic,
  type NewTopic,
} from './topic-creation.ts';
import { describedTopics, type TopicDescription } from './topic-description.ts';

/**
 * Creates, describes and deletes topics. A call about several topics rejects with
 * `ItemsFailed`, by topic, if some of them failed.
 */
export interface TopicAdmin {
  /**
   * Creates topics, and resolves once they can be written to. Rejects with `topic_exists` for a
   * topic that exists. If the answer to an attempt was lost, this call may have created it.
   */
  create(topics: readonly NewTopic[]): Promise<ReadonlyMap<string, CreatedTopic>>;
  /**
   * Deletes topics, and resolves once a broker shows that they are gone. Rejects with
   * `unknown_topic` for a topic that does not exist.
   */
  delete(topics: readonly string[]): Promise<void>;
  /** Describes every topic, without the internal ones unless `internal` is true. */
  list(options?: { readonly internal?: boolean }): Promise<readonly TopicDescription[]>;
  /** Rejects with `unknown_topic` for a topic that does not exist. */
  describe(topics: readonly string[]): Promise<ReadonlyMap<string, TopicDescription>>;
}

/** The first version of DeleteTopics with a list of topics (KIP-516). */
const topicListSince = 6;

export class TopicCalls implements TopicAdmin {
  readonly #calls: AdminCalls;

  constructor(calls: AdminCalls) {
    this.#calls = calls;
  }

  async create(topics: readonly NewTopic[]): Promise<ReadonlyMap<string, CreatedTopic>> {
    topics.forEach(checkNewTopic);
    return this.#calls.each({
      items: namedItems(topics, ({ name }) => name),
      attempt: (name) => `creating topic ${name}`,
      ask: visibleChange({
        make: (items) => requestTopics(this.#calls, items),
        check: (made) => unwritable(this.#calls, made),
      }),
    });
  }

  async delete(topics: readonly string[]): Promise<void> {
    await this.#calls.each({
      items: namedItems(topics, String),
      attempt: (name) => `deleting topic ${name}`,
      ask: visibleChange({
        make: (items) => this.#requestDeletion([...items.keys()]),
        check: (deleted) => this.#undeleted(deleted),
      }),
      doneBefore: ['UNKNOWN_TOPIC_OR_PARTITION'],
    });
  }

  list({ internal = false } = {}): Promise<readonly TopicDescription[]> {
    return this.#calls.persistently('listing topics', async () => {
      const topics: TopicDescription[] = [];
      for (const topic of describedTopics(await this.#calls.brokers.metadataOf(null)).values())
        if (topic instanceof Error) throw topic;
        else topics.push(topic);
      return topics.filter((topic) => internal || !topic.internal);
    });
  }

  describe(topics: readonly string[]): Promise<ReadonlyMap<string, TopicDescription>> {
    return this.#calls.each({
      items: namedItems(topics, String),
      attempt: (name) => `describing topic ${name}`,
      ask: async (pending) => describedTopics(await this.#calls.brokers.metadataOf([...pending.keys()])),
    });
  }

  /** Returns the id of each topic that was deleted. */
  async #requestDeletion(topics: readonly string[]): Promise<Answers<string>> {
    const connection = await this.#calls.brokers.anyConnection();
    const version = connection.versions.newest(deleteTopics);
    const { responses } = await connection.request(deleteTopics, version, {
      ...(version < topicListSince ? { topicNames: topics } : { topics: topics.map((name) => ({ name })) }),
      timeoutMs: this.#calls.brokerTimeoutMs,
    });
    return new Map(
      responses.map(({ name, topicId, errorCode, errorMessage }) => [
        name ?? '',
        refusal(errorCode, errorMessage) ?? topicId,
      ]),
    );
  }

  /** Returns for each deleted topic why it still seems to exist. */
  async #undeleted(deleted: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, Error | undefined>> {
    const described = describedTopics(await this.#calls.brokers.metadataOf([...deleted.keys()]));
    return new Map(
      [...deleted].map(([name, topicId]) => {
        const shown = described.get(name);
        const exists = shown !== undefined && !(shown instanceof Error) && shown.topicId === topicId;
        return [name, exists ? new ClientError('unreachable', `topic ${name} still exists`) : undefined];
      }),
    );
  }
}

interface Change<Item, Value> {
  /** Asks for the change. Is called again for an item only if that failed temporarily. */
  readonly make: (items: ReadonlyMap<string, Item>) => Promise<Answers<Value>>;
  /** Returns for each changed item why a broker does not show it yet, or undefined. */
  readonly check: (made: ReadonlyMap<string, Value>) => Promise<ReadonlyMap<string, Error | undefined>>;
}

/**
 * Makes a change to each item once, and waits in later rounds until a broker shows it. Brokers
 * learn of a change a moment after the controller has made it.
 */
export function visibleChange<Item, Value>({
  make,
  check,
}: Change<Item, Value>): (pending: ReadonlyMap<string, Item>) => Promise<Answers<Value>> {
  const made = new Map<string, Value>();
  return async (pending) => {
    const answers = new Map<string, Value | Error>();
    const unmade = new Map([...pending].filter(([name]) => !made.has(name)));
    if (unmade.size > 0)
      for (const [name, answer] of await make(unmade))
        if (answer instanceof Error) answers.set(name, answer);
        else made.set(name, answer);
    const unseen = new Map([...made].filter(([name]) => pending.has(name)));
    const problems = unseen.size > 0 ? await check(unseen) : new Map<string, Error | undefined>();
    for (const [name, value] of unseen) answers.set(name, problems.get(name) ?? value);
    return answers;
  };
}
