import { connectAdmin, type Admin } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';

/** Does an operator's work on a group. */
export class GroupOperator {
  readonly #admin: Admin;
  readonly #groupId: string;

  constructor(bootstrapServers: string, groupId: string) {
    this.#admin = connectAdmin({
      bootstrapServers: [bootstrapServers],
      clientId: 'operator',
      logger: silentLogger,
    });
    this.#groupId = groupId;
  }

  /** Removes killed members at once; otherwise the group waits for their sessions to end. */
  removeMembers(): Promise<void> {
    return this.#admin.groups.removeMembers(this.#groupId);
  }

  /** The committed offset of partition 0, if there is one. */
  async committed(topic: string): Promise<bigint | undefined> {
    const partitions = [{ topic, partition: 0 }];
    const [committed] = await this.#admin.groups.offsets(this.#groupId, { partitions });
    return committed?.offset;
  }

  /** Commits an offset of partition 0. The group must have no members. */
  commit(topic: string, offset: bigint): Promise<void> {
    return this.#admin.groups.commitOffsets(this.#groupId, [{ topic, partition: 0, offset }]);
  }

  /** Deletes the group and its offsets, if it exists. */
  async deleteGroup(): Promise<void> {
    const groups = await this.#admin.listGroups();
    if (!groups.some(({ groupId }) => groupId === this.#groupId)) return;
    await this.removeMembers();
    await this.#admin.groups.delete([this.#groupId]);
  }

  close(): Promise<void> {
    return this.#admin.close();
  }
}
