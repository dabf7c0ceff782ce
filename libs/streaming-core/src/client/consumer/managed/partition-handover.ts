import type { ClientError } from '../../errors/client-error.ts';
import type { Assignment } from '../../group-consumer-types.ts';
import type { TopicPartition } from '../../topic-partition.ts';
import type { MembershipListener } from '../group-membership.ts';
import type { ConsumerListener, ConsumerSettings } from './consumer-settings.ts';
import type { Deliveries } from './deliveries.ts';
import type { HeldPartitions } from './held-partitions.ts';
import type { OffsetCommits } from './offset-commits.ts';
import type { RecordFeed } from './record-feed.ts';

/** The parts that a handover needs. */
interface HandoverParts {
  readonly partitions: HeldPartitions;
  readonly deliveries: Deliveries;
  readonly commits: OffsetCommits;
  readonly feed: RecordFeed;
}

/** Takes partitions over from other members and gives them up. */
export class PartitionHandover implements MembershipListener {
  readonly #settings: ConsumerSettings;
  readonly #listener: ConsumerListener;
  readonly #parts: HandoverParts;

  constructor(settings: ConsumerSettings, listener: ConsumerListener, parts: HandoverParts) {
    this.#settings = settings;
    this.#listener = listener;
    this.#parts = parts;
  }

  /**
   * Reads nothing of the added partitions before the listener has sought its places, while the
   * others are read on. If the listener fails, they are given up without having been read.
   */
  async onAssigned(_assignment: Assignment, added: readonly TopicPartition[]): Promise<void> {
    const { partitions, feed } = this.#parts;
    partitions.add(added);
    const arriving = added.map((at) => partitions.of(at));
    for (const held of arriving) held.isArriving = true;
    await this.#listener.onAssigned?.(added);
    for (const held of arriving) held.isArriving = false;
    feed.pump();
  }

  /** Stops deliveries at once, waits for the loop and the listener, and commits what is finished. */
  async onRevoked(revoked: readonly TopicPartition[]): Promise<void> {
    const { partitions, deliveries, commits } = this.#parts;
    const { autoCommit, drainTimeoutMs } = this.#settings;
    for (const at of revoked) if (partitions.has(at)) partitions.of(at).isRevoked = true;
    try {
      await deliveries.drain(revoked, drainTimeoutMs);
      await this.#listener.onRevoked?.(revoked);
    } finally {
      if (autoCommit !== false) await this.#commit(commits, revoked);
      partitions.remove(revoked);
    }
  }

  async onLost(lost: readonly TopicPartition[]): Promise<void> {
    this.#parts.partitions.remove(lost);
    if (this.#listener.onLost) await this.#listener.onLost(lost);
    else await this.#listener.onRevoked?.(lost);
  }

  onStopped(error: ClientError): void {
    this.#parts.deliveries.end(error);
  }

  async #commit(commits: OffsetCommits, revoked: readonly TopicPartition[]): Promise<void> {
    try {
      await commits.commitFinished(() => revoked);
    } catch (error) {
      const { groupId, logger } = this.#settings;
      logger.warn(
        { groupId, err: error },
        'the last commit of revoked partitions failed; their records come again',
      );
    }
  }
}
