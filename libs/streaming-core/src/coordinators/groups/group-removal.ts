import type { Group } from './group.ts';
import type { OffsetStore } from './offset-store.ts';
import { groupRecord } from './offsets-topic-records.ts';
import type { OffsetsTopic } from './offsets-topic.ts';

export interface GroupHolders {
  readonly topic: OffsetsTopic;
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
