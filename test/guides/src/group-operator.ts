import { Admin } from '@platformatic/kafka';

/** What an operator does to a group: a foreign client, since our own facade has no such calls. */
export class GroupOperator {
  readonly #admin: Admin;
  readonly #groupId: string;

  constructor(bootstrapServers: string, groupId: string) {
    this.#admin = new Admin({ clientId: 'operator', bootstrapBrokers: [bootstrapServers], retries: 3 });
    this.#groupId = groupId;
  }

  /** The group would wait for the sessions of members that were killed. */
  async removeMembers(): Promise<void> {
    const groups = await this.#admin.describeGroups({ groups: [this.#groupId] });
    const members = [...(groups.get(this.#groupId)?.members.keys() ?? [])].map((memberId) => ({ memberId }));
    if (members.length > 0)
      await this.#admin.removeMembersFromConsumerGroup({ groupId: this.#groupId, members });
  }

  /** Offset of partition 0, if there is one. */
  async committed(topic: string): Promise<bigint | undefined> {
    const [group] = await this.#admin.listConsumerGroupOffsets({ groups: [this.#groupId] });
    const partitions = group?.topics.find(({ name }) => name === topic)?.partitions;
    const offset = partitions?.find(({ partitionIndex }) => partitionIndex === 0)?.committedOffset ?? -1n;
    return offset < 0n ? undefined : offset;
  }

  /** For a group without members. */
  async commit(topic: string, offset: bigint): Promise<void> {
    const partitions = [{ partition: 0, offset }];
    await this.#admin.alterConsumerGroupOffsets({
      groupId: this.#groupId,
      topics: [{ name: topic, partitionOffsets: partitions }],
    });
  }

  /** With what it committed; one that is not there is fine. */
  async deleteGroup(): Promise<void> {
    if (!(await this.#admin.listGroups({ types: ['classic'] })).has(this.#groupId)) return;
    await this.removeMembers();
    await this.#admin.deleteGroups({ groups: [this.#groupId] });
  }

  close(): Promise<void> {
    return this.#admin.close();
  }
}
