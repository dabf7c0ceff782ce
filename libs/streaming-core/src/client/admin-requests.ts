import { createTopics, type CreateTopicsRequest } from '../protocol/apis/create-topics.ts';
import { deleteRecords } from '../protocol/apis/delete-records.ts';
import { deleteTopics } from '../protocol/apis/delete-topics.ts';
import { listGroups } from '../protocol/apis/list-groups.ts';
import { errorCodes } from '../protocol/errors.ts';
import type { DurationMs } from '../runtime/index.ts';
import { accept } from './connection/accept.ts';
import type { BrokerAddress } from './connection/broker-address.ts';
import type { BrokerClient } from './connection/broker-client.ts';
import type { PartitionOffset } from './consumer/log-reader.ts';

export interface GroupSummary {
  readonly groupId: string;
  /** The state as the broker names it, such as `Stable`, `PreparingRebalance` or `Empty`. */
  readonly state: string;
}

/** The topic to create, as CreateTopics describes it. */
export type NewTopic = Omit<CreateTopicsRequest['topics'][number], 'assignments'>;

/** The first version of DeleteTopics that may name a topic by its id. */
const topicStructsSince = 6;

/** Sends the requests of an admin client, each of them once. */
export class AdminRequests {
  readonly #brokers: BrokerClient;
  readonly #timeoutMs: DurationMs;

  /** `timeoutMs` is how long the broker may work on a change of topics. */
  constructor(brokers: BrokerClient, timeoutMs: DurationMs) {
    this.#brokers = brokers;
    this.#timeoutMs = timeoutMs;
  }

  async createTopic(topic: NewTopic): Promise<void> {
    const connection = await this.#brokers.anyConnection();
    const { topics } = await connection.request(createTopics, connection.versions.newest(createTopics), {
      topics: [topic],
      timeoutMs: this.#timeoutMs,
    });
    for (const { errorCode, errorMessage } of topics) accept(errorCode, errorMessage);
  }

  /** Does nothing if the topic does not exist. */
  async deleteTopic(topic: string): Promise<void> {
    const connection = await this.#brokers.anyConnection();
    const version = connection.versions.newest(deleteTopics);
    const { responses } = await connection.request(deleteTopics, version, {
      ...(version < topicStructsSince ? { topicNames: [topic] } : { topics: [{ name: topic }] }),
      timeoutMs: this.#timeoutMs,
    });
    for (const { errorCode, errorMessage } of responses)
      if (errorCode !== errorCodes.UNKNOWN_TOPIC_OR_PARTITION) accept(errorCode, errorMessage);
  }

  async deleteRecords(leader: BrokerAddress, before: readonly PartitionOffset[]): Promise<void> {
    const connection = await this.#brokers.connectionTo(leader);
    const { topics } = await connection.request(deleteRecords, connection.versions.newest(deleteRecords), {
      topics: [...Map.groupBy(before, ({ topic }) => topic)].map(([name, places]) => ({
        name,
        partitions: places.map(({ partition, offset }) => ({ partitionIndex: partition, offset })),
      })),
      timeoutMs: this.#timeoutMs,
    });
    for (const { partitions } of topics) for (const { errorCode } of partitions) accept(errorCode);
  }

  /** A broker lists the groups that it coordinates. */
  async groupsOf(broker: BrokerAddress): Promise<readonly GroupSummary[]> {
    const connection = await this.#brokers.connectionTo(broker);
    const { errorCode, groups } = await connection.request(
      listGroups,
      connection.versions.newest(listGroups),
      { typesFilter: ['classic'] },
    );
    accept(errorCode);
    return groups.map(({ groupId, groupState }) => ({ groupId, state: groupState }));
  }
}
