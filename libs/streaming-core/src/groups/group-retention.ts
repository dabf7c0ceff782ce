import type { Clock, Logger } from '../contract/index.ts';
import { Deadline } from './deadline.ts';
import type { Group } from './group.ts';
import { removeGroup } from './group-removal.ts';
import type { HeldOffset, OffsetStore } from './offset-store.ts';
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

/**
 * G20: a group that has had no members for the retention time goes with all its offsets; a simple group, which never has members, loses
 * each offset that long after its commit. While a group has members only offsets of topics expire that none of them reads.
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
    const expiresBefore = this.#options.clock.now() - this.#options.settings.offsetsRetentionMs;
    for (const group of [...this.#options.groups.values()]) {
      if (this.#stopped) return;
      await this.#expire(group, expiresBefore);
    }
  }

  /** What could not be written is looked at again by the next check. */
  async #expire(group: Group, expiresBefore: number): Promise<void> {
    try {
      if (!group.abandoned) await this.#expireUnread(group, expiresBefore);
      else if (group.protocolType === '') await this.#expireOffsets(group, expiresBefore);
      else if (group.changedAtMs < expiresBefore) await this.#expireGroup(group);
    } catch (error) {
      this.#options.logger.warn({ groupId: group.groupId, err: error }, 'an expired group could not be removed; it is tried again');
    }
  }

  async #expireOffsets({ groupId }: Group, expiresBefore: number): Promise<void> {
    const { offsets, groups } = this.#options;
    const forgotten = await offsets.forget(groupId, ({ committedAtMs }) => committedAtMs < expiresBefore);
    if (forgotten > 0 && !offsets.has(groupId) && groups.get(groupId)?.untouched === true) groups.delete(groupId);
  }

  /** Where it is not known what the members read, they read everything. */
  async #expireUnread(group: Group, expiresBefore: number): Promise<void> {
    if (group.state !== 'Stable') return;
    const isUnread = ({ topic, committedAtMs }: HeldOffset) => committedAtMs < expiresBefore && !group.reads(topic);
    await this.#options.offsets.forget(group.groupId, isUnread);
  }

  /** Earlier groups were awaited: someone may have joined since. */
  async #expireGroup(group: Group): Promise<void> {
    if (group.abandoned && this.#options.groups.get(group.groupId) === group) await removeGroup(group, this.#options);
  }
}
