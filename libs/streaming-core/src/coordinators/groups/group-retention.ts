import type { HeldOffset } from './pending-offsets.ts';
import type { Clock, Logger } from '../../runtime/index.ts';
import { Deadline } from '../../runtime/clock.ts';
import { consumerProtocol, type Group } from './group.ts';
import type { OffsetStore } from './offset-store.ts';
import { groupRecord } from './offsets-topic.ts';
import type { CoordinatorTopic } from '../coordinator-topic.ts';
import type { GroupSettings } from './group-settings.ts';

interface GroupRetentionOptions {
  readonly clock: Clock;
  readonly settings: GroupSettings;
  readonly logger: Logger;
  readonly topic: CoordinatorTopic;
  readonly offsets: OffsetStore;
  /** The groups of the coordinator. Expired groups are removed from it. */
  readonly groups: Map<string, Group>;
}

const mayForget = (group: Group, topic: string): boolean =>
  group.state === 'Stable' && group.protocolType === consumerProtocol && !group.reads(topic);

/**
 * Expires offsets and groups, as Kafka does:
 * - A group that has had no members for the retention time loses all its offsets.
 * - A simple group, which never has members, loses each offset that long after its commit.
 * - While a group has members, only offsets of topics that none of them subscribes to expire.
 * - An offset that an open transaction has committed too is kept until the transaction ends.
 * - A group without members and offsets is removed.
 */
export class GroupRetention {
  readonly #options: GroupRetentionOptions;
  readonly #nextCheck: Deadline;
  #stopped = false;

  constructor(options: GroupRetentionOptions) {
    this.#options = options;
    this.#nextCheck = new Deadline(options.clock, () => void this.#check());
  }

  start(): void {
    this.#nextCheck.renew(this.#options.settings.retentionCheckIntervalMs);
  }

  /** Stops a running check after its current group. */
  stop(): void {
    this.#stopped = true;
    this.#nextCheck.stop();
  }

  async #check(): Promise<void> {
    this.start();
    for (const group of [...this.#options.groups.values()]) {
      if (this.#stopped) return;
      await this.#expire(group);
    }
  }

  /** The next check retries what could not be written. */
  async #expire(group: Group): Promise<void> {
    const { offsets, logger } = this.#options;
    const { groupId } = group;
    if (offsets.isCommitting(groupId)) return; // the next check looks again
    try {
      await offsets.forget(groupId, (held) => !held.isPending && this.#isExpired(group, held));
      if (!offsets.has(groupId) && !offsets.isCommitting(groupId)) await this.#remove(group);
    } catch (error) {
      logger.warn(
        { groupId, err: error },
        'an expired group could not be removed; the next check tries again',
      );
    }
  }

  /**
   * Members with unknown subscriptions count as subscribed to every topic. This is checked last,
   * because it has to parse their metadata.
   */
  #isExpired(group: Group, held: HeldOffset): boolean {
    return this.#isTooOld(group, held) && (group.abandoned || mayForget(group, held.topic));
  }

  #isTooOld(group: Group, { committedAtMs, expiresAtMs }: HeldOffset): boolean {
    const nowMs = this.#options.clock.now();
    if (expiresAtMs !== undefined) return expiresAtMs <= nowMs;
    const sinceMs = group.abandoned && group.protocolType !== '' ? group.changedAtMs : committedAtMs;
    return sinceMs + this.#options.settings.offsetsRetentionMs <= nowMs;
  }

  /** Members may have joined while the removal of earlier groups was awaited. */
  async #remove(group: Group): Promise<void> {
    const { groups } = this.#options;
    if (!group.abandoned || groups.get(group.groupId) !== group) return;
    if (group.untouched) groups.delete(group.groupId);
    else await removeGroup(group, this.#options);
  }
}

interface GroupHolders {
  readonly topic: CoordinatorTopic;
  readonly offsets: OffsetStore;
  /** The groups of the coordinator. */
  readonly groups: Map<string, Group>;
}

/**
 * Removes the group at once. Its tombstones are written before anything that a later member writes.
 * If they cannot be written, the group is restored.
 */
export async function removeGroup(group: Group, { topic, offsets, groups }: GroupHolders): Promise<void> {
  const { groupId } = group;
  groups.delete(groupId);
  try {
    await Promise.all([offsets.forget(groupId), topic.append(groupId, [groupRecord(groupId, undefined)])]);
  } catch (error) {
    if (!groups.has(groupId)) groups.set(groupId, group);
    throw error;
  }
}
