import { createTopics } from '../../protocol/apis/topic-admin.ts';
import { ClientError } from '../errors/client-error.ts';
import type { AdminCalls, Answers } from './admin-calls.ts';
import { invalid } from './items-of-call.ts';
import { refusal } from './refusals.ts';
import { describedTopics } from './topic-description.ts';

/** A topic to create. The cluster has a default for every option but the name. */
export interface NewTopic {
  readonly name: string;
  readonly partitions?: number;
  readonly replicationFactor?: number;
  /**
   * The ids of the brokers of each partition, instead of `partitions` and `replicationFactor`. The
   * first broker of a partition is its preferred leader.
   */
  readonly assignments?: ReadonlyArray<readonly number[]>;
  /** Kafka's configs by name, such as `retention.ms`. */
  readonly configs?: Readonly<Record<string, string>>;
}

export interface CreatedTopic {
  readonly topicId: string;
  /** The number of partitions, or -1 if the broker does not report it. */
  readonly partitions: number;
  readonly replicationFactor: number;
}

export const checkNewTopic = ({ name, partitions, replicationFactor, assignments }: NewTopic): void => {
  if (assignments !== undefined && (partitions !== undefined || replicationFactor !== undefined))
    throw invalid(
      `topic ${name}: assignments say how many partitions and replicas there are: ` +
        'leave out partitions and replicationFactor',
    );
};

const clusterDefault = -1;

export async function requestTopics(
  calls: AdminCalls,
  topics: ReadonlyMap<string, NewTopic>,
): Promise<Answers<CreatedTopic>> {
  const connection = await calls.brokers.anyConnection();
  const answer = await connection.request(createTopics, connection.versions.newest(createTopics), {
    topics: [...topics.values()].map((topic) => ({
      name: topic.name,
      numPartitions: topic.partitions ?? clusterDefault,
      replicationFactor: topic.replicationFactor ?? clusterDefault,
      assignments: (topic.assignments ?? []).map((brokerIds, partitionIndex) => ({
        partitionIndex,
        brokerIds,
      })),
      configs: Object.entries(topic.configs ?? {}).map(([name, value]) => ({ name, value })),
    })),
    timeoutMs: calls.brokerTimeoutMs,
    validateOnly: false,
  });
  return new Map(
    answer.topics.map(({ name, errorCode, errorMessage, topicId, numPartitions, replicationFactor }) => [
      name,
      refusal(errorCode, errorMessage) ?? { topicId, partitions: numPartitions, replicationFactor },
    ]),
  );
}

/** Returns for each topic why it cannot be written to yet. */
export async function unwritable(
  calls: AdminCalls,
  topics: ReadonlyMap<string, { readonly partitions: number }>,
): Promise<ReadonlyMap<string, Error | undefined>> {
  const described = describedTopics(await calls.brokers.metadataOf([...topics.keys()]));
  return new Map(
    [...topics].map(([name, wanted]) => {
      const topic = described.get(name);
      const shown = topic === undefined || topic instanceof Error ? [] : topic.partitions;
      const ready =
        shown.length >= Math.max(1, wanted.partitions) && shown.every(({ leader }) => leader >= 0);
      return [name, ready ? undefined : new ClientError('unreachable', `topic ${name} is not ready yet`)];
    }),
  );
}
