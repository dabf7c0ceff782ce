import { topics } from '@millrace/contracts';
import type { TopicShape } from '@millrace/streaming-core/contract';
import {
  connectAdmin,
  connectLagReader,
  type Admin,
  type AdminOptions,
  type ClusterSummary,
  type ConnectionSecurity,
} from '@millrace/streaming-core/client';
import { seconds, type Logger } from '@millrace/streaming-core/runtime';

/**
 * How many copies of a record the cluster keeps, and how many of them must have it before it is
 * acknowledged.
 */
export interface TopicCopies {
  readonly replicationFactor: number;
  readonly minInSyncReplicas: number;
}

const factorOfCluster = 3;

/**
 * Returns the requested copies. By default, a cluster of three brokers or more keeps three copies,
 * of which two must have a record, and a smaller cluster keeps one. Throws a one-line error if
 * there are fewer brokers than copies.
 */
export function topicCopies(wanted: Partial<TopicCopies>, brokers: number): TopicCopies {
  const replicationFactor = wanted.replicationFactor ?? (brokers >= factorOfCluster ? factorOfCluster : 1);
  if (replicationFactor > brokers)
    throw new Error(
      `KAFKA_REPLICATION_FACTOR is ${replicationFactor}, but the cluster has ${brokers} ` +
        `broker${brokers === 1 ? '' : 's'} now: start more brokers, or lower it`,
    );
  const minInSyncReplicas = Math.min(
    wanted.minInSyncReplicas ?? inSyncOf(replicationFactor),
    replicationFactor,
  );
  return { replicationFactor, minInSyncReplicas };
}

/** With three copies or more, writing continues while one of them is away. */
const inSyncOf = (replicationFactor: number): number => (replicationFactor >= factorOfCluster ? 2 : 1);

/** The cluster in which the topics are created. */
export interface LogTarget {
  readonly bootstrapServers: readonly string[];
  readonly security: ConnectionSecurity;
  readonly copies: Partial<TopicCopies>;
}

const clientId = 'millrace-setup';

export const describeCluster = (
  { bootstrapServers, security }: LogTarget,
  logger: Logger,
): Promise<ClusterSummary> =>
  withAdmin({ bootstrapServers, security, clientId, logger }, (admin) => admin.describeCluster());

/** Creates the topics of `libs/contracts`, and these. */
export const createTopics = (
  own: readonly TopicShape[],
  { bootstrapServers, security, copies }: LogTarget,
  { brokers, logger }: { readonly brokers: number; readonly logger: Logger },
): Promise<void> =>
  withAdmin({ bootstrapServers, security, clientId, logger, ...topicCopies(copies, brokers) }, (admin) =>
    admin.createTopics([...topics, ...own]),
  );

export async function writtenTopics(
  { bootstrapServers, security }: LogTarget,
  logger: Logger,
): Promise<readonly string[]> {
  const reader = connectLagReader({
    bootstrapServers,
    security,
    clientId,
    logger,
    operationTimeoutMs: seconds(15),
  });
  try {
    const existing = await reader.identify(topics.map(({ name }) => name));
    const partitions = [...existing].flatMap(([topic, identity]) =>
      Array.from({ length: identity.partitions }, (_, partition) => ({ topic, partition })),
    );
    const ends = await reader.endOffsets(partitions);
    return [...new Set(ends.filter(({ offset }) => offset > 0n).map(({ topic }) => topic))];
  } finally {
    await reader.close();
  }
}

async function withAdmin<Result>(
  options: AdminOptions,
  work: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  const admin = connectAdmin(options);
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}
