import { ClientError, toClientError } from '../errors/client-error.ts';
import { leaderOf, type ClusterBroker, type TopicLookup } from '../connection/topic-lookup.ts';
import type { FetchPosition } from '../fetched-records.ts';

/**
 * Remembers the id of each topic that a reader reads, so that offsets are never applied to the log
 * of a topic that was recreated under the same name.
 */
export class TopicPins {
  readonly #ids = new Map<string, string>();

  pin(topic: string, id: string): void {
    this.#ids.set(topic, id);
  }

  /**
   * Returns the broker that leads the partition, or the reason why it cannot be read now. A topic
   * is pinned when it is read for the first time.
   */
  leaderOf({ topic, partition, topicId }: FetchPosition, lookup: TopicLookup): ClusterBroker | ClientError {
    const found = lookup.found.get(topic);
    if (!found) return new ClientError('unknown_topic', `no topic named ${topic}`);
    const pinned = this.#ids.get(topic) ?? found.id;
    this.#ids.set(topic, pinned);
    const wanted = topicId ?? pinned;
    if (wanted !== found.id)
      return new ClientError(
        'topic_recreated',
        `topic ${topic} had the id ${wanted} and now has ${found.id}: its offsets belong to another ` +
          'log. Identify it again',
      );
    try {
      return leaderOf({ topic, partition }, lookup);
    } catch (error) {
      return toClientError(error, 'fetching');
    }
  }
}
