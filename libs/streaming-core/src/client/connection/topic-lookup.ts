import type { Base, ClusterMetadata, ClusterTopicMetadata } from '@platformatic/kafka';
import { withDeadline } from '../../runtime/index.ts';
import { ClientError, isUnknownTopic, toClientError } from '../client-error.ts';
import type { ConnectionSettings } from './connection.ts';

export interface TopicLookup {
  readonly clusterId: string;
  readonly brokers: ClusterMetadata['brokers'];
  readonly found: ReadonlyMap<string, ClusterTopicMetadata>;
  readonly unknown: readonly string[];
}

type LookupSettings = Pick<ConnectionSettings, 'clock' | 'metadataTimeoutMs' | 'bootstrapOrder'>;

/**
 * Looks topics up in the library's cache, which is valid for 5 s, or on a broker if `fresh`.
 * Rejects with `ClientError` if no broker answers.
 *
 * - An unknown topic fails the whole request of the library. Each topic is then requested alone.
 * - A cached answer without a topic proves nothing, because the library requests only what is too
 *   old, and loses the rest if the cache is cleared meanwhile. All topics are then requested again.
 */
export async function lookUpTopics(
  client: Base,
  settings: LookupSettings,
  topics: readonly string[],
  fresh = false,
): Promise<TopicLookup> {
  // A refresh keeps the cached cluster id, so only an empty cache makes the library request it
  // again.
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
 * Passes a copy of the topics, because the library sorts the array in place. A broker that does not
 * answer in time is passed over, because the library would ask it again as long as it accepts
 * connections.
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
      `the broker did not answer within ${metadataTimeoutMs} ms; the next request goes to another one`,
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
