import type { Base, ClusterMetadata, ClusterTopicMetadata } from '@platformatic/kafka';
import { isUnknownTopic, toClientError } from './client-error.ts';

/** What a metadata request found. */
export interface TopicLookup {
  readonly clusterId: string;
  readonly brokers: ClusterMetadata['brokers'];
  readonly found: ReadonlyMap<string, ClusterTopicMetadata>;
  readonly unknown: readonly string[];
}

/**
 * Asks for topics, through the library's cache (5 s) unless `fresh`. One unknown topic fails the library's whole request, so then each is asked
 * for alone. Rejects with `ClientError` where no broker answers.
 */
export async function lookUpTopics(client: Base, topics: readonly string[], fresh = false): Promise<TopicLookup> {
  // The cluster id outlives a refresh in the cache: only clearing it asks again.
  if (fresh) client.clearMetadata();
  try {
    return toLookup(await askFor(client, topics, fresh), topics);
  } catch (error) {
    if (!isUnknownTopic(error)) throw toClientError(error, `asking for the topics ${topics.join(', ')}`);
    return lookUpOneByOne(client, topics);
  }
}

async function lookUpOneByOne(client: Base, topics: readonly string[]): Promise<TopicLookup> {
  const found = new Map<string, ClusterTopicMetadata>();
  for (const topic of topics) {
    const metadata = await askFor(client, [topic], true).catch((error: unknown) => {
      if (isUnknownTopic(error)) return undefined;
      throw toClientError(error, `asking for the topic ${topic}`);
    });
    const entry = metadata?.topics.get(topic);
    if (entry) found.set(topic, entry);
  }
  const cluster = await askFor(client, [], true).catch((error: unknown) => {
    throw toClientError(error, 'asking for the cluster');
  });
  return { clusterId: cluster.id, brokers: cluster.brokers, found, unknown: topics.filter((topic) => !found.has(topic)) };
}

/** The library sorts the array it is given, and removes nothing from its cache: it gets a copy, and its answer is checked. */
function askFor(client: Base, topics: readonly string[], forceUpdate: boolean): Promise<ClusterMetadata> {
  return client.metadata({ topics: [...topics], forceUpdate, retries: 0 });
}

function toLookup(metadata: ClusterMetadata, topics: readonly string[]): TopicLookup {
  const found = new Map<string, ClusterTopicMetadata>();
  for (const topic of topics) {
    const entry = metadata.topics.get(topic);
    if (entry) found.set(topic, entry);
  }
  return { clusterId: metadata.id, brokers: metadata.brokers, found, unknown: topics.filter((topic) => !found.has(topic)) };
}
