import { ClientError } from '../errors/client-error.ts';
import type { BrokerClient } from '../connection/broker-client.ts';

/** The topics that a member reads. */
export interface TopicSubscription {
  /** Returns the topics to join with. Called before each join. */
  topics(): Promise<readonly string[]>;
  /**
   * Resolves when the member has to rejoin, because its topics or their partitions have changed.
   * `counts` has the partitions that the member has assigned as the leader of the group.
   */
  changed?(
    topics: readonly string[],
    counts: ReadonlyMap<string, number> | undefined,
    ending: AbortSignal,
  ): Promise<void>;
}

/** Subscribes to topics that have to exist. Their partitions are looked up at each join only. */
export const existingTopics = (brokers: BrokerClient, topics: readonly string[]): TopicSubscription => ({
  async topics() {
    const { unknown } = await brokers.lookUpTopics(topics, true);
    if (unknown.length > 0)
      throw new ClientError(
        'unknown_topic',
        `no topic named ${unknown.join(', ')}: create it, or correct the name`,
      );
    return topics;
  },
});
