/** How often the cluster keeps a record, and how many copies have to have it before it is acknowledged. */
export interface TopicCopies {
  readonly replicationFactor: number;
  readonly minInSyncReplicas: number;
}

const factorOfCluster = 3;

/**
 * What is wanted, and where nothing is said: three copies of which two have to have a record, on a cluster of three brokers or more; one copy on
 * fewer. Throws one line where there are fewer brokers than copies.
 */
export function topicCopies(wanted: Partial<TopicCopies>, brokers: number): TopicCopies {
  const replicationFactor = wanted.replicationFactor ?? (brokers >= factorOfCluster ? factorOfCluster : 1);
  if (replicationFactor > brokers)
    throw new Error(
      `KAFKA_REPLICATION_FACTOR is ${replicationFactor}, and the cluster has ${brokers} broker${brokers === 1 ? '' : 's'} now: start more, or lower it`,
    );
  const minInSyncReplicas = Math.min(
    wanted.minInSyncReplicas ?? inSyncOf(replicationFactor),
    replicationFactor,
  );
  return { replicationFactor, minInSyncReplicas };
}

/** One copy may be away and writing goes on. */
const inSyncOf = (replicationFactor: number): number => (replicationFactor >= factorOfCluster ? 2 : 1);
