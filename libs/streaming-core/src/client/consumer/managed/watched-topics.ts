import { pause } from '../../../runtime/index.ts';
import type { BrokerClient } from '../../connection/broker-client.ts';
import type { TopicSubscription } from '../group-session.ts';
import type { ConsumerSettings } from './consumer-settings.ts';

/** The longest wait before a member looks again for a topic that does not exist yet. */
const missingTopicMs = 1_000;

/**
 * Subscribes to topics by their names or a pattern, and notices when topics or partitions are added
 * or removed. Every member watches the topics that match its pattern. The leader watches the
 * partition counts by which it has assigned.
 */
export class WatchedTopics implements TopicSubscription {
  readonly #brokers: BrokerClient;
  readonly #settings: ConsumerSettings;

  constructor(brokers: BrokerClient, settings: ConsumerSettings) {
    this.#brokers = brokers;
    this.#settings = settings;
  }

  async topics(): Promise<readonly string[]> {
    const { subscribed } = this.#settings;
    if (typeof subscribed !== 'function') return subscribed;
    const names = await this.#brokers.topicNames();
    return names.filter((name) => subscribed(name)).toSorted();
  }

  async changed(
    topics: readonly string[],
    counts: ReadonlyMap<string, number> | undefined,
    ending: AbortSignal,
  ): Promise<void> {
    const { clock, logger, topicRefreshMs } = this.#settings;
    const isMissing = counts !== undefined && [...counts.values()].includes(0);
    const span = isMissing ? Math.min(missingTopicMs, topicRefreshMs) : topicRefreshMs;
    while (!ending.aborted) {
      await pause(clock, span, ending);
      if (ending.aborted) return;
      try {
        if (await this.#hasChanged(topics, counts)) return;
      } catch (error) {
        logger.debug({ err: error }, 'could not look for changes of the topics; looking again');
      }
    }
  }

  async #hasChanged(
    topics: readonly string[],
    counts: ReadonlyMap<string, number> = new Map(),
  ): Promise<boolean> {
    if ((await this.topics()).join() !== topics.join()) return true;
    if (counts.size === 0) return false;
    const { found } = await this.#brokers.lookUpTopics([...counts.keys()], true);
    return [...counts].some(([topic, count]) => (found.get(topic)?.partitions.length ?? 0) !== count);
  }
}
