import { deleteGroups, listGroups, leaveGroup } from '../../protocol/apis/groups.ts';
import { errorCodes, type ErrorName } from '../../protocol/errors.ts';
import { accept } from '../connection/accept.ts';
import type { BrokerConnection } from '../connection/broker-connection.ts';
import type { AdminCalls, Answers } from './admin-calls.ts';
import { askAllBrokers, askCoordinators, coordinatorOf } from './by-broker.ts';
import { describeGroupsOnce, type GroupDescription } from './group-description.ts';
import { GroupOffsetCalls, type GroupOffsetAdmin } from './group-offset-admin.ts';
import { ItemsFailed, namedItems, refusal } from './items-of-call.ts';
import type { OffsetReset } from './offset-reset.ts';
import { resetOffsets, type OffsetChange, type ResetCalls, type ResetOptions } from './offset-reset-call.ts';
import type { TopicAdmin } from './topic-admin.ts';

export interface GroupSummary {
  readonly groupId: string;
  /** The state as the broker names it, such as `Stable`, `PreparingRebalance` or `Empty`. */
  readonly state: string;
  /** The kind of group: `classic`, or on Apache Kafka also `consumer`, `share` or `streams`. */
  readonly type: string;
  /** The protocol of the members, such as `consumer`, or '' for a group that has had no members. */
  readonly protocolType: string;
}

/**
 * Manages consumer groups. A call about several groups, members or partitions rejects with
 * `ItemsFailed` if some of them failed, by group id, member id or `topic/partition`.
 */
export interface GroupAdmin extends GroupOffsetAdmin {
  /** Lists the groups of these types, or of every type. */
  list(types?: readonly string[]): Promise<readonly GroupSummary[]>;
  /**
   * Describes classic groups, which are the groups that this client joins. Rejects with
   * `unknown_group` for a group that does not exist or has another type.
   */
  describe(groupIds: readonly string[]): Promise<ReadonlyMap<string, GroupDescription>>;
  /** Deletes groups with their offsets. Rejects with `group_in_use` for a group with members. */
  delete(groupIds: readonly string[]): Promise<void>;
  /**
   * Removes all members, so that the group need not wait for their sessions to end. A member that is
   * still running joins again.
   */
  removeMembers(groupId: string): Promise<void>;
  /**
   * Moves the committed offsets of a group, and resolves to the changes. With `dryRun` it only
   * returns them. Rejects with `group_in_use` if the group has members. Changes no offset unless it
   * has found the target of every partition.
   */
  resetOffsets(groupId: string, reset: OffsetReset, options?: ResetOptions): Promise<readonly OffsetChange[]>;
}

/** The first version of ListGroups that tells the state of a group (KIP-518). */
const listWithStates = { ...listGroups, versions: { ...listGroups.versions, min: 4 } };
/** The first version of LeaveGroup that removes members other than the caller (KIP-345). */
const leaveForOthers = { ...leaveGroup, versions: { ...leaveGroup.versions, min: 3 } };

export class GroupCalls implements GroupAdmin {
  readonly #calls: AdminCalls;
  readonly #topics: Pick<TopicAdmin, 'describe'>;
  readonly #offsets: GroupOffsetCalls;

  constructor(calls: AdminCalls, topics: Pick<TopicAdmin, 'describe'>) {
    this.#calls = calls;
    this.#topics = topics;
    this.#offsets = new GroupOffsetCalls(calls);
  }

  list(types: readonly string[] = []): Promise<readonly GroupSummary[]> {
    const listOnce = () =>
      askAllBrokers(this.#calls.brokers, async (connection) => {
        const version = connection.versions.newest(listWithStates);
        const answer = await connection.request(listGroups, version, {
          statesFilter: [],
          typesFilter: types,
        });
        accept(answer.errorCode);
        return answer.groups.map(({ groupId, groupState, groupType, protocolType }) => ({
          groupId,
          state: groupState,
          type: groupType === '' ? 'classic' : groupType,
          protocolType,
        }));
      });
    return this.#calls.persistently('listing groups', listOnce);
  }

  describe(groupIds: readonly string[]): Promise<ReadonlyMap<string, GroupDescription>> {
    return this.#eachGroup('describing', groupIds, describeGroupsOnce);
  }

  async delete(groupIds: readonly string[]): Promise<void> {
    await this.#eachGroup(
      'deleting',
      groupIds,
      async (connection, groups) => {
        const { results } = await connection.request(deleteGroups, connection.versions.newest(deleteGroups), {
          groupsNames: [...groups.keys()],
        });
        return new Map(results.map(({ groupId, errorCode }) => [groupId, refusal(errorCode)]));
      },
      ['GROUP_ID_NOT_FOUND'],
    );
  }

  async removeMembers(groupId: string): Promise<void> {
    const members = (await this.#find(groupId))?.members ?? [];
    await this.#calls.each({
      items: namedItems(
        members.map(({ memberId }) => memberId),
        String,
      ),
      attempt: (memberId) => `removing member ${memberId} from group ${groupId}`,
      ask: (pending) => this.#removeOnce(groupId, [...pending.keys()]),
    });
  }

  readonly offsets: GroupAdmin['offsets'] = (...args) => this.#offsets.offsets(...args);
  readonly commitOffsets: GroupAdmin['commitOffsets'] = (...args) => this.#offsets.commitOffsets(...args);
  readonly deleteOffsets: GroupAdmin['deleteOffsets'] = (...args) => this.#offsets.deleteOffsets(...args);

  resetOffsets(
    groupId: string,
    reset: OffsetReset,
    options: ResetOptions = {},
  ): Promise<readonly OffsetChange[]> {
    const steps: ResetCalls = {
      offsets: this.offsets,
      commitOffsets: this.commitOffsets,
      describeGroup: (id) => this.#find(id),
      describeTopics: (topics) => this.#topics.describe(topics),
    };
    return resetOffsets({ calls: this.#calls, steps }, groupId, reset, options);
  }

  /** Resolves to undefined if there is no such group. */
  async #find(groupId: string): Promise<GroupDescription | undefined> {
    try {
      return (await this.describe([groupId])).get(groupId);
    } catch (error) {
      if (error instanceof ItemsFailed && error.code === 'unknown_group') return undefined;
      throw error;
    }
  }

  /** A member that has left in the meantime counts as removed. */
  async #removeOnce(groupId: string, memberIds: readonly string[]): Promise<Answers<undefined>> {
    const connection = await coordinatorOf(this.#calls.brokers, 'GROUP', groupId);
    const answer = await connection.request(leaveGroup, connection.versions.newest(leaveForOthers), {
      groupId,
      members: memberIds.map((memberId) => ({ memberId, reason: 'removed by an administrator' })),
    });
    accept(answer.errorCode);
    return new Map(
      answer.members.map(({ memberId, errorCode }) => [
        memberId,
        errorCode === errorCodes.UNKNOWN_MEMBER_ID ? undefined : refusal(errorCode),
      ]),
    );
  }

  async #eachGroup<Value>(
    doing: string,
    groupIds: readonly string[],
    ask: (connection: BrokerConnection, groups: ReadonlyMap<string, string>) => Promise<Answers<Value>>,
    doneBefore: readonly ErrorName[] = [],
  ): Promise<ReadonlyMap<string, Value>> {
    return this.#calls.each({
      items: namedItems(groupIds, (groupId) => groupId),
      attempt: (groupId) => `${doing} group ${groupId}`,
      ask: (pending) => askCoordinators(this.#calls.brokers, 'GROUP', pending, ask),
      doneBefore,
    });
  }
}
