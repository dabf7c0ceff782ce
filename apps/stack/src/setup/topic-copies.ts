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
