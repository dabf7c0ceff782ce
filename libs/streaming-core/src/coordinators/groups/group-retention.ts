import type { Clock, Logger } from '../../runtime/index.ts';
import { Deadline } from './deadline.ts';
import { consumerProtocol, type Group } from './group.ts';
import { removeGroup } from './group-removal.ts';
import type { OffsetStore } from './offset-store.ts';
import type { HeldOffset } from './held-offset.ts';
import type { OffsetsTopic } from './offsets-topic.ts';
import type { GroupSettings } from './settings.ts';

export interface GroupRetentionOptions {
  readonly clock: Clock;
  readonly settings: GroupSettings;
  readonly logger: Logger;
  readonly topic: OffsetsTopic;
  readonly offsets: OffsetStore;
  /** Of the coordinator; what has gone is removed here. */
  readonly groups: Map<string, Group>;
}

const mayForget = (group: Group, topic: string): boolean =>
  group.state === 'Stable' && group.protocolType === consumerProtocol && !group.reads(topic);

/**
 * G20: a group that has had no members for the retention time loses all its offsets; a simple group, which never has members, each offset
 * that long after its commit. While a group has members only offsets of topics expire that none of them reads. An offset that a transaction has
 * committed, too, waits for its end. A group without members goes when it has no offset any longer.
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

  /** A check under way ends with the group it is at. */
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

  /** What could not be written is looked at again by the next check. */
  async #expire(group: Group): Promise<void> {
    const { offsets, logger } = this.#options;
    const { groupId } = group;
    if (offsets.isCommitting(groupId)) return; // what is being committed is not what expires: the next check looks again
    try {
      await offsets.forget(groupId, (held) => !held.isPending && this.#isExpired(group, held));
      if (!offsets.has(groupId) && !offsets.isCommitting(groupId)) await this.#remove(group);
    } catch (error) {
      logger.warn({ groupId, err: error }, 'an expired group could not be removed; it is tried again');
    }
  }

  /** Where it is not known what the members read, they read everything. That is looked for last: it takes their metadata. */
  #isExpired(group: Group, held: HeldOffset): boolean {
    return this.#isTooOld(group, held) && (group.abandoned || mayForget(group, held.topic));
  }

  #isTooOld(group: Group, { committedAtMs, expiresAtMs }: HeldOffset): boolean {
    const nowMs = this.#options.clock.now();
    if (expiresAtMs !== undefined) return expiresAtMs <= nowMs;
    const sinceMs = group.abandoned && group.protocolType !== '' ? group.changedAtMs : committedAtMs;
    return sinceMs + this.#options.settings.offsetsRetentionMs <= nowMs;
  }

  /** Earlier groups were awaited: someone may have joined since. */
  async #remove(group: Group): Promise<void> {
    const { groups } = this.#options;
    if (!group.abandoned || groups.get(group.groupId) !== group) return;
    if (group.untouched) groups.delete(group.groupId);
    else await removeGroup(group, this.#options);
  }
}
