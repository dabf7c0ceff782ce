import { createPartitions } from '../../protocol/apis/topic-admin.ts';
import type { AdminCalls, Answers, CallOptions } from './admin-calls.ts';
import { namedItems } from './items-of-call.ts';
import { refusal } from './refusals.ts';
import {
  checkNewTopic,
  requestTopics,
  unwritable,
  type CreatedTopic,
  type NewTopic,
} from './topic-creation.ts';
import { requestDeletion, undeleted, type TopicRef } from './topic-deletion.ts';
import { describedTopics, type TopicDescription } from './topic-description.ts';
import { visibleChange } from './visible-change.ts';

export interface ChangeOptions extends CallOptions {
  /** Makes the broker check the change without applying it. */
  readonly validateOnly?: boolean;
}

/** A topic that is to have more partitions. */
export interface PartitionGrowth {
  readonly topic: string;
  /** The new number of partitions, which is higher than the present one. */
  readonly partitions: number;
  /** The brokers of each additional partition. By default the cluster chooses them. */
  readonly assignments?: ReadonlyArray<readonly number[]>;
}

/**
 * Creates, describes, extends and deletes topics. A call about several topics rejects with
 * `ItemsFailed`, by topic, if some of them failed.
 */
export interface TopicAdmin {
  /**
   * Creates topics, and resolves once they can be written to. Rejects with `topic_exists` for a
   * topic that exists. If the answer to an attempt was lost, this call may have created it.
   */
  create(topics: readonly NewTopic[], options?: ChangeOptions): Promise<ReadonlyMap<string, CreatedTopic>>;
  /**
   * Deletes topics by name or by id, and resolves once a broker shows that they are gone. Rejects
   * with `unknown_topic` for a topic that does not exist.
   */
  delete(topics: readonly TopicRef[], options?: CallOptions): Promise<void>;
  /**
   * Adds partitions, and resolves once they can be written to. Keys may move to other partitions.
   * The call may reject although it has added the partitions, if the answer to an attempt was lost.
   */
  addPartitions(topics: readonly PartitionGrowth[], options?: ChangeOptions): Promise<void>;
  /** Describes every topic, without the internal ones unless `internal` is true. */
  list(options?: CallOptions & { readonly internal?: boolean }): Promise<readonly TopicDescription[]>;
  /** Rejects with `unknown_topic` for a topic that does not exist. */
  describe(topics: readonly string[], options?: CallOptions): Promise<ReadonlyMap<string, TopicDescription>>;
}

export class TopicCalls implements TopicAdmin {
  readonly #calls: AdminCalls;

  constructor(calls: AdminCalls) {
    this.#calls = calls;
  }

  async create(
    topics: readonly NewTopic[],
    { validateOnly = false, signal }: ChangeOptions = {},
  ): Promise<ReadonlyMap<string, CreatedTopic>> {
    topics.forEach(checkNewTopic);
    const make = (items: ReadonlyMap<string, NewTopic>) => requestTopics(this.#calls, items, validateOnly);
    const check = (made: ReadonlyMap<string, CreatedTopic>) => unwritable(this.#calls, made);
    return this.#calls.each(
      {
        items: namedItems(topics, ({ name }) => name),
        attempt: (name) => `creating topic ${name}`,
        ask: validateOnly ? make : visibleChange({ make, check }),
      },
      { signal },
    );
  }

  async delete(topics: readonly TopicRef[], options?: CallOptions): Promise<void> {
    await this.#calls.each(
      {
        items: namedItems(topics, (topic) => (typeof topic === 'string' ? topic : topic.topicId)),
        attempt: (name) => `deleting topic ${name}`,
        ask: visibleChange({
          make: (items) => requestDeletion(this.#calls, items),
          check: (deleted) => undeleted(this.#calls, deleted),
        }),
        doneBefore: ['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID'],
      },
      options,
    );
  }

  async addPartitions(
    topics: readonly PartitionGrowth[],
    { validateOnly = false, signal }: ChangeOptions = {},
  ): Promise<void> {
    const make = (items: ReadonlyMap<string, PartitionGrowth>) => this.#grow(items, validateOnly);
    const check = (grown: ReadonlyMap<string, PartitionGrowth>) => unwritable(this.#calls, grown);
    await this.#calls.each(
      {
        items: namedItems(topics, ({ topic }) => topic),
        attempt: (name) => `adding partitions to topic ${name}`,
        ask: validateOnly ? make : visibleChange({ make, check }),
      },
      { signal },
    );
  }

  async list({ internal = false, signal }: CallOptions & { readonly internal?: boolean } = {}): Promise<
    readonly TopicDescription[]
  > {
    return this.#calls.persistently(
      'listing topics',
      async () => {
        const topics: TopicDescription[] = [];
        for (const topic of describedTopics(await this.#calls.brokers.metadataOf(null)).values())
          if (topic instanceof Error) throw topic;
          else topics.push(topic);
        return topics.filter((topic) => internal || !topic.internal);
      },
      { signal },
    );
  }

  async describe(
    topics: readonly string[],
    options?: CallOptions,
  ): Promise<ReadonlyMap<string, TopicDescription>> {
    return this.#calls.each(
      {
        items: namedItems(topics, (name) => name),
        attempt: (name) => `describing topic ${name}`,
        ask: async (pending) => describedTopics(await this.#calls.brokers.metadataOf([...pending.keys()])),
      },
      options,
    );
  }

  async #grow(
    topics: ReadonlyMap<string, PartitionGrowth>,
    validateOnly: boolean,
  ): Promise<Answers<PartitionGrowth>> {
    const connection = await this.#calls.brokers.anyConnection();
    const { results } = await connection.request(
      createPartitions,
      connection.versions.newest(createPartitions),
      {
        topics: [...topics.values()].map(({ topic, partitions, assignments }) => ({
          name: topic,
          count: partitions,
          assignments: assignments?.map((brokerIds) => ({ brokerIds })) ?? null,
        })),
        timeoutMs: this.#calls.brokerTimeoutMs,
        validateOnly,
      },
    );
    return new Map(
      results.flatMap(({ name, errorCode, errorMessage }) => {
        const growth = topics.get(name);
        return growth === undefined ? [] : [[name, refusal(errorCode, errorMessage) ?? growth]];
      }),
    );
  }
}
