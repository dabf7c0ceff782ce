import type { Clock, Logger } from '../contract/index.ts';
import { Deadline } from './deadline.ts';
import type { Group } from './group.ts';
import type { OffsetStore } from './offset-store.ts';
import { groupRecord } from './offsets-topic-records.ts';
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
 * each offset that long after its commit. While a group has members nothing of it expires.
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
    const abandoned = [...this.#options.groups.values()].filter((group) => group.abandoned);
    for (const group of abandoned) {
      if (this.#stopped) return;
      await this.#expire(group, expiresBefore);
    }
  }

  /** What could not be written is looked at again by the next check. */
  async #expire(group: Group, expiresBefore: number): Promise<void> {
    try {
      if (group.protocolType === '') await this.#expireOffsets(group, expiresBefore);
      else if (group.changedAtMs < expiresBefore) await this.#expireGroup(group);
    } catch (error) {
      this.#options.logger.warn({ groupId: group.groupId, err: error }, 'an expired group could not be removed; it is tried again');
    }
  }

  async #expireOffsets({ groupId }: Group, expiresBefore: number): Promise<void> {
    const { offsets, groups } = this.#options;
    const forgotten = await offsets.forget(groupId, expiresBefore);
    if (forgotten > 0 && !offsets.has(groupId) && groups.get(groupId)?.untouched === true) groups.delete(groupId);
  }

  /** Earlier groups were awaited: someone may have joined since. The tombstones are written before anything that a later member writes. */
  async #expireGroup(group: Group): Promise<void> {
    const { topic, offsets, groups } = this.#options;
    const { groupId } = group;
    if (!group.abandoned || groups.get(groupId) !== group) return;
    groups.delete(groupId);
    try {
      await Promise.all([offsets.forget(groupId), topic.append(groupId, [groupRecord(groupId, undefined)])]);
    } catch (error) {
      if (!groups.has(groupId)) groups.set(groupId, group);
      throw error;
    }
  }
}
