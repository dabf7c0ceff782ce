import type { Base, ClusterMetadata, ClusterTopicMetadata } from '@platformatic/kafka';
import { withDeadline } from '../../runtime/index.ts';
import { ClientError, isUnknownTopic, toClientError } from '../client-error.ts';
import type { ConnectionSettings } from './connection.ts';

/** What a metadata request found. */
export interface TopicLookup {
  readonly clusterId: string;
  readonly brokers: ClusterMetadata['brokers'];
  readonly found: ReadonlyMap<string, ClusterTopicMetadata>;
  readonly unknown: readonly string[];
}

type LookupSettings = Pick<ConnectionSettings, 'clock' | 'metadataTimeoutMs' | 'bootstrapOrder'>;

/**
 * Asks for topics, through the library's cache (5 s) unless `fresh`. One unknown topic fails the library's whole request, so then each is asked
 * for alone. An answer by way of the cache that lacks a topic proves nothing: the library asks only for what is too old, and loses the rest when the
 * cache is cleared meanwhile. Then all are asked for. Rejects with `ClientError` where no broker answers.
 */
export async function lookUpTopics(
  client: Base,
  settings: LookupSettings,
  topics: readonly string[],
  fresh = false,
): Promise<TopicLookup> {
  // The cluster id outlives a refresh in the cache: only clearing it asks again.
  if (fresh) client.clearMetadata();
  try {
    const lookup = toLookup(await askFor(client, settings, topics, fresh), topics);
    return fresh || lookup.unknown.length === 0 ? lookup : await lookUpTopics(client, settings, topics, true);
  } catch (error) {
    if (!isUnknownTopic(error)) throw toClientError(error, `asking for the topics ${topics.join(', ')}`);
    return lookUpOneByOne(client, settings, topics);
  }
}

async function lookUpOneByOne(
  client: Base,
  settings: LookupSettings,
  topics: readonly string[],
): Promise<TopicLookup> {
  const found = new Map<string, ClusterTopicMetadata>();
  for (const topic of topics) {
    const metadata = await askFor(client, settings, [topic], true).catch((error: unknown) => {
      if (isUnknownTopic(error)) return undefined;
      throw toClientError(error, `asking for the topic ${topic}`);
    });
    const entry = metadata?.topics.get(topic);
    if (entry) found.set(topic, entry);
  }
  const cluster = await askFor(client, settings, [], true).catch((error: unknown) => {
    throw toClientError(error, 'asking for the cluster');
  });
  return {
    clusterId: cluster.id,
    brokers: cluster.brokers,
    found,
    unknown: topics.filter((topic) => !found.has(topic)),
  };
}

/**
 * The library sorts the array it is given, and removes nothing from its cache: it gets a copy, and its answer is checked. A broker that hangs is
 * passed over: it takes connections, so the library would go on asking it.
 */
function askFor(
  client: Base,
  settings: LookupSettings,
  topics: readonly string[],
  forceUpdate: boolean,
): Promise<ClusterMetadata> {
  const { clock, metadataTimeoutMs, bootstrapOrder } = settings;
  const late = () => {
    bootstrapOrder.passOver(client);
    return new ClientError(
      'unreachable',
      `the broker that was asked did not answer within ${metadataTimeoutMs} ms: the next one is asked`,
    );
  };
  return withDeadline(
    clock,
    metadataTimeoutMs,
    client.metadata({ topics: [...topics], forceUpdate, retries: 0 }),
    late,
  );
}

function toLookup(metadata: ClusterMetadata, topics: readonly string[]): TopicLookup {
  const found = new Map<string, ClusterTopicMetadata>();
  for (const topic of topics) {
    const entry = metadata.topics.get(topic);
    if (entry) found.set(topic, entry);
  }
  return {
    clusterId: metadata.id,
    brokers: metadata.brokers,
    found,
    unknown: topics.filter((topic) => !found.has(topic)),
  };
}
