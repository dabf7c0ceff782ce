import { createTopics } from '../../protocol/apis/topic-admin.ts';
import { ClientError, isProtocolError } from '../errors/client-error.ts';
import type { AdminCalls, Answers } from './admin-calls.ts';
import { invalid, refusal } from './items-of-call.ts';
import { describedTopics } from './topic-description.ts';
import type { TopicShape } from '../../contract/index.ts';
import type { TopicPlace } from '../connection/topic-lookup.ts';

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

/** Creates a topic as its declaration says, unless it exists. */
export function createDeclared(calls: AdminCalls, declaration: TopicShape): Promise<void> {
  return calls.persistently(`creating topic ${declaration.name}`, async () => {
    const { found } = await calls.brokers.lookUpTopics([declaration.name], true);
    const existing = found.get(declaration.name);
    if (!existing) await createOnce(calls, declaration);
    else if (existing.partitions.length !== declaration.partitions)
      throw mismatch(declaration, existing.partitions.length);
    if (existing?.partitions.every(({ leader }) => leader >= 0))
      return warnOfFewCopies(calls, declaration.name, existing);
    throw new ClientError('unreachable', `topic ${declaration.name} is not ready yet`);
  });
}

async function createOnce(calls: AdminCalls, declaration: TopicShape): Promise<void> {
  const { name, partitions, retention, retentionBytes, cleanup } = declaration;
  const { replicationFactor, minInSyncReplicas } = calls.settings;
  const configs = {
    'retention.ms': retention === 'unlimited' ? '-1' : String(retention),
    ...(retentionBytes !== undefined && { 'retention.bytes': String(retentionBytes) }),
    'cleanup.policy': cleanup,
    ...(minInSyncReplicas > 1 && { 'min.insync.replicas': String(minInSyncReplicas) }),
  };
  const topic = { name, partitions, replicationFactor, configs };
  const answer = (await requestTopics(calls, new Map([[name, topic]]))).get(name);
  // Another client has created the topic. The next round compares the partition counts.
  if (answer instanceof Error && !isProtocolError(answer, 'TOPIC_ALREADY_EXISTS')) throw answer;
}

function warnOfFewCopies({ settings }: AdminCalls, topic: string, { partitions }: TopicPlace): void {
  const { logger, replicationFactor } = settings;
  const copies = Math.min(...partitions.map(({ replicas }) => replicas.length));
  if (copies < replicationFactor)
    logger.warn(
      { topic, copies, replicationFactor },
      `topic ${topic} has a partition with only ${copies} replicas instead of ${replicationFactor}: ` +
        'add replicas with kafka-reassign-partitions',
    );
}

function mismatch({ name, partitions }: TopicShape, existing: number): ClientError {
  return new ClientError(
    'topic_mismatch',
    `topic ${name} has ${existing} partitions but is declared with ${partitions}. ` +
      'Keys would move to other partitions: ' +
      `declare ${existing}, or copy the messages to a new topic and delete this one`,
  );
}
