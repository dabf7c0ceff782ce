import { Admin } from '@platformatic/kafka';

/**
 * Does an operator's work on a group, by a foreign client because our own facade has no such calls.
 */
export class GroupOperator {
  readonly #admin: Admin;
  readonly #groupId: string;

  constructor(bootstrapServers: string, groupId: string) {
    this.#admin = new Admin({ clientId: 'operator', bootstrapBrokers: [bootstrapServers], retries: 3 });
    this.#groupId = groupId;
  }

  /** Removes killed members at once; otherwise the group waits for their sessions to end. */
  async removeMembers(): Promise<void> {
    const groups = await this.#admin.describeGroups({ groups: [this.#groupId] });
    const members = [...(groups.get(this.#groupId)?.members.keys() ?? [])].map((memberId) => ({ memberId }));
    if (members.length > 0)
      await this.#admin.removeMembersFromConsumerGroup({ groupId: this.#groupId, members });
  }

  /** The committed offset of partition 0, if there is one. */
  async committed(topic: string): Promise<bigint | undefined> {
    const [group] = await this.#admin.listConsumerGroupOffsets({ groups: [this.#groupId] });
    const partitions = group?.topics.find(({ name }) => name === topic)?.partitions;
    const offset = partitions?.find(({ partitionIndex }) => partitionIndex === 0)?.committedOffset ?? -1n;
    return offset < 0n ? undefined : offset;
  }

  /** Commits an offset of partition 0. The group must have no members. */
  async commit(topic: string, offset: bigint): Promise<void> {
    const partitions = [{ partition: 0, offset }];
    await this.#admin.alterConsumerGroupOffsets({
      groupId: this.#groupId,
      topics: [{ name: topic, partitionOffsets: partitions }],
    });
  }

  /** Deletes the group and its offsets, if it exists. */
  async deleteGroup(): Promise<void> {
    if (!(await this.#admin.listGroups({ types: ['classic'] })).has(this.#groupId)) return;
    await this.removeMembers();
    await this.#admin.deleteGroups({ groups: [this.#groupId] });
  }

  close(): Promise<void> {
    return this.#admin.close();
  }
}
