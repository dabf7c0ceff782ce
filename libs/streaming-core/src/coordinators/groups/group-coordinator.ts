import { HeldBytes } from '../../runtime/held-bytes.ts';
import { RetryLog, type Clock, type Logger } from '../../runtime/index.ts';
import type { TransactionMarker } from '../../records/records.ts';
import type { LogManager } from '../../log/log-manager.ts';
import { errorCodes, ProtocolError, type ErrorCode } from '../../protocol/errors.ts';
import type { GroupPorts } from './member.ts';
import { GroupRetention, removeGroup } from './group-retention.ts';
import { loadGroups, KnownGroups } from './known-groups.ts';
import { OffsetCommits } from './offset-commits.ts';
import { OffsetStore } from './offset-store.ts';
import { groupRecord, offsetsTopic } from './offsets-topic.ts';
import type { CoordinatorTopic, Producer } from '../coordinator-topic.ts';
import { joinRefused, syncRefused } from './membership.ts';
import { defaultGroupSettings, type GroupSettings } from './group-settings.ts';
import type {
  CommittedOffset,
  DescribedGroup,
  GroupPartition,
  JoinGroupInput,
  LeavingMember,
  MemberIdentity,
  SyncGroupInput,
} from './group-requests.ts';

const { NONE, UNKNOWN_MEMBER_ID, GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, NOT_COORDINATOR } = errorCodes;

interface GroupCoordinatorOptions {
  readonly logs: LogManager;
  readonly clock: Clock;
  /**
   * Returns a suffix that makes a member id unique, such as a UUID. It follows the client id and a
   * dash.
   */
  readonly newMemberSuffix: () => string;
  readonly logger: Logger;
  readonly settings?: Partial<GroupSettings>;
}

/**
 * Creates the coordinator of one broker and loads everything from its log. Members continue with
 * their next heartbeat after a restart.
 */
export async function createGroupCoordinator(options: GroupCoordinatorOptions): Promise<GroupCoordinator> {
  return GroupCoordinator.open(options);
}

/**
 * The coordinator of classic consumer groups. Every group and offset is in `__consumer_offsets`, in
 * Kafka's own record format, and durable before the answer. A restart reloads them.
 */
export class GroupCoordinator {
  readonly #logs: LogManager;
  readonly #logger: Logger;
  readonly #settings: GroupSettings;
  readonly #topic: CoordinatorTopic;
  readonly #offsets: OffsetStore;
  readonly #groupWrites: RetryLog;
  readonly #groups: KnownGroups;
  readonly #commits: OffsetCommits;
  readonly #ports: GroupPorts;
  readonly #retention: GroupRetention;

  private constructor({ logs, clock, newMemberSuffix, logger, settings: given }: GroupCoordinatorOptions) {
    const settings = { ...defaultGroupSettings, ...given };
    this.#logs = logs;
    this.#logger = logger;
    this.#settings = settings;
    this.#topic = offsetsTopic({ logs, clock, logger, settings });
    this.#groupWrites = new RetryLog({ clock, logger, level: 'error' });
    const held = new HeldBytes({ bytesMax: settings.offsetBytesMax });
    this.#offsets = new OffsetStore({
      topic: this.#topic,
      clock,
      batchBytesMax: settings.offsetBatchBytesMax,
      held,
    });
    this.#ports = {
      clock,
      settings,
      newMemberSuffix,
      held: new HeldBytes({ bytesMax: settings.memberBytesMax }),
      store: async (snapshot) => {
        await this.#topic.append(snapshot.groupId, [groupRecord(snapshot.groupId, snapshot)]);
        this.#groupWrites.recovered('records of groups can be written again');
      },
      onStoreFailed: (groupId, error) =>
        this.#groupWrites.failed(error, 'the record of a group could not be written', { groupId }),
    };
    const stores = { topic: this.#topic, offsets: this.#offsets };
    this.#groups = new KnownGroups({ ...stores, ports: this.#ports, settings, logger });
    this.#commits = new OffsetCommits({ ...stores, groups: this.#groups, logs, clock, settings, logger });
    this.#retention = new GroupRetention({ ...stores, groups: this.#groups.byId, clock, settings, logger });
  }

  static async open(options: GroupCoordinatorOptions): Promise<GroupCoordinator> {
    const coordinator = new GroupCoordinator(options);
    await coordinator.#load();
    return coordinator;
  }

  async #load(): Promise<void> {
    const snapshots = loadGroups({ topic: this.#topic, offsets: this.#offsets, logger: this.#logger });
    for (const groupId of this.#offsets.groupIds())
      if (this.#groups.isReadable(groupId)) this.#groups.getOrAdd(groupId);
    for (const snapshot of snapshots)
      if (this.#groups.isReadable(snapshot.groupId))
        this.#groups.getOrAdd(snapshot.groupId).restore(snapshot);
    this.#retention.start();
    await this.#forgetDeletedTopics();
  }

  /**
   * Completes deletions that a crash interrupted. A tombstone that cannot be written now is left to
   * the next start.
   */
  async #forgetDeletedTopics(): Promise<void> {
    for (const topic of this.#offsets.topics()) {
      if (this.#logs.topic(topic) !== undefined) continue;
      await this.forgetTopic(topic).catch((error: unknown) =>
        this.#logger.warn(
          { topic, err: error },
          'the offsets of a deleted topic could not be removed; the next start tries again',
        ),
      );
    }
  }

  async join(input: JoinGroupInput) {
    const refusal = this.#groups.refuseJoin(input);
    if (refusal !== NONE) return joinRefused(refusal, input.memberId);
    const result = await this.#groups.getOrAdd(input.groupId).join(input);
    if (result.errorCode === errorCodes.GROUP_MAX_SIZE_REACHED) this.#warnOfFullGroup(input);
    return result;
  }

  #warnOfFullGroup({ groupId, clientId }: JoinGroupInput): void {
    const { groupMembersMax, memberBytesMax } = this.#settings;
    const full = { groupId, clientId, groupMembersMax, memberBytesMax, heldBytes: this.#ports.held.used };
    this.#logger.warn(
      full,
      'a member was rejected: its group is full (group.max.size), or the members of all groups take ' +
        'too much memory (groups.memberBytesMax of startBroker)',
    );
  }

  async sync(input: SyncGroupInput) {
    const refusal = this.#groups.refuse(input.groupId);
    if (refusal !== NONE) return syncRefused(refusal);
    return this.#groups.get(input.groupId)?.sync(input) ?? syncRefused(UNKNOWN_MEMBER_ID);
  }

  heartbeat(member: MemberIdentity): ErrorCode {
    const refusal = this.#groups.refuse(member.groupId);
    if (refusal !== NONE) return refusal;
    return this.#groups.get(member.groupId)?.heartbeat(member) ?? UNKNOWN_MEMBER_ID;
  }

  /** When the last member has left, the response waits until the group's record is durable. */
  async leave(groupId: string, members: readonly LeavingMember[]) {
    const errorCode = this.#groups.refuse(groupId);
    if (errorCode !== NONE) return { errorCode, members: [] };
    const group = this.#groups.get(groupId);
    const codes = group?.leave(members);
    const left = members.map((member, index) => ({
      ...member,
      errorCode: codes?.[index] ?? UNKNOWN_MEMBER_ID,
    }));
    if (group?.state === 'Empty') await group.stored;
    return { errorCode, members: left };
  }

  /**
   * Creates `__consumer_offsets` if it does not exist. Throws COORDINATOR_NOT_AVAILABLE
   * (`ProtocolError`) when it cannot be created.
   */
  async prepare(): Promise<void> {
    await this.#topic.create();
  }

  /**
   * Returns the partition of `__consumer_offsets` that has the group, which is the partition that
   * takes part in a transaction.
   */
  partitionOf(groupId: string): Promise<number> {
    return this.#topic.partitionOf(groupId);
  }

  /**
   * Commits or aborts the offsets of a transaction in a partition of `__consumer_offsets`. Resolves
   * when that is durable.
   */
  endTransaction(partition: number, marker: TransactionMarker): Promise<void> {
    return this.#offsets.endTransaction(partition, marker);
  }

  /** Whether an undecided transaction has committed an offset for the partition. */
  isPending(
    groupId: string,
    { topic, partition }: { readonly topic: string; readonly partition: number },
  ): boolean {
    return this.#offsets.isPending({ groupId, topic, partition });
  }

  /**
   * Returns all offsets of the group if `partitions` is null. Throws NOT_COORDINATOR when the
   * group's commits cannot be read. The answer "never committed" would reset every consumer to the
   * start or the end of its partitions.
   */
  fetchOffsets(groupId: string, partitions: readonly GroupPartition[] | null) {
    const damage = this.#topic.damageOf(groupId);
    if (damage !== undefined)
      throw new ProtocolError('NOT_COORDINATOR', `the committed offsets of ${groupId} are unknown`, {
        cause: damage,
      });
    return this.#offsets.fetch(groupId, partitions);
  }

  /** An unknown group is described as Dead, without an error. */
  describe(groupId: string): DescribedGroup {
    const known = this.#groups.get(groupId)?.describe();
    const errorCode = this.#groups.isReadable(groupId) ? NONE : NOT_COORDINATOR;
    return known ?? { errorCode, groupId, state: 'Dead', protocolType: '', protocolName: '', members: [] };
  }

  /**
   * Removes a group without members, and its offsets. Returns GROUP_ID_NOT_FOUND or NON_EMPTY_GROUP
   * if it cannot. The removal is durable when the promise resolves.
   */
  async deleteGroup(groupId: string): Promise<ErrorCode> {
    if (!this.#groups.isAvailable(groupId)) return NOT_COORDINATOR;
    await this.#topic.settled();
    const group = this.#groups.get(groupId);
    if (group === undefined) return GROUP_ID_NOT_FOUND;
    if (group.state !== 'Empty') return NON_EMPTY_GROUP;
    return this.#commits.written(groupId, () =>
      removeGroup(group, { topic: this.#topic, offsets: this.#offsets, groups: this.#groups.byId }),
    );
  }

  /** `retentionMs` is how long the offsets are kept, if the client says so. */
  commitOffsets(member: MemberIdentity, offsets: readonly CommittedOffset[], retentionMs?: bigint) {
    return this.#commits.commit(member, offsets, retentionMs);
  }

  /**
   * Commits in a producer's transaction. The offsets are pending until it ends. The caller has to
   * make sure that the transaction coordinator has added the group to the transaction.
   */
  commitInTransaction(member: MemberIdentity, offsets: readonly CommittedOffset[], producer: Producer) {
    return this.#commits.commitInTransaction(member, offsets, producer);
  }

  /**
   * Removes committed offsets, and returns a code for each partition: GROUP_SUBSCRIBED_TO_TOPIC
   * while members subscribe to its topic. The removal is durable when the promise resolves.
   */
  deleteOffsets(groupId: string, partitions: readonly GroupPartition[]) {
    return this.#commits.delete(groupId, partitions);
  }

  list() {
    return [...this.#groups.byId.values()].map(({ groupId, protocolType, state }) => ({
      groupId,
      protocolType,
      state,
    }));
  }

  /** Drops the offsets of a deleted topic. */
  async forgetTopic(topic: string): Promise<void> {
    await this.#offsets.forgetTopic(topic);
  }

  /** Stops every timer and answers parked joins and syncs with NOT_COORDINATOR. */
  async close(): Promise<void> {
    this.#retention.stop();
    this.#groups.close();
    await this.#topic.settled();
  }
}
