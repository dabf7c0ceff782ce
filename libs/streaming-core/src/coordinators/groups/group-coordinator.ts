import { HeldBytes } from '../../runtime/held-bytes.ts';
import { RetryLog, type Clock, type Logger } from '../../runtime/index.ts';
import type { TransactionMarker } from '../../records/transaction-marker.ts';
import type { LogManager } from '../../log/log-manager-port.ts';
import { errorCodes, ProtocolError, type ErrorCode } from '../../protocol/errors.ts';
import { consumerProtocol, Group } from './group.ts';
import type { GroupPorts } from './group-lifecycle.ts';
import { removeGroup } from './group-removal.ts';
import { GroupRetention } from './group-retention.ts';
import { loadGroups } from './load-groups.ts';
import { bytesOfProtocols } from './member-bytes.ts';
import { OffsetStore } from './offset-store.ts';
import { groupRecord } from './offsets-topic-records.ts';
import { OffsetsTopic, type TransactionalProducer } from './offsets-topic.ts';
import { codeOfFailedWrite, joinRefused, syncRefused } from './results.ts';
import { defaultGroupSettings, type GroupSettings } from './settings.ts';
import type {
  CommittedOffset,
  DeletedOffsets,
  DescribedGroup,
  GroupCoordinator,
  GroupPartition,
  JoinGroupInput,
  LeavingMember,
  MemberIdentity,
  SyncGroupInput,
} from './types.ts';

const { NONE, INVALID_GROUP_ID, UNKNOWN_MEMBER_ID, GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, NOT_COORDINATOR } =
  errorCodes;

export interface GroupCoordinatorOptions {
  readonly logs: LogManager;
  readonly clock: Clock;
  /** What makes a member id unique: it follows the client id and a dash, for instance a UUID. */
  readonly newMemberSuffix: () => string;
  readonly logger: Logger;
  readonly settings?: Partial<GroupSettings>;
}

/** The coordinator of one broker, with everything that its log holds already in place: members go on with their next heartbeat (G21). */
export async function createGroupCoordinator(options: GroupCoordinatorOptions): Promise<GroupCoordinator> {
  const coordinator = new ClassicGroupCoordinator(options);
  await coordinator.load();
  return coordinator;
}

const keyOf = ({ topic, partition }: GroupPartition): string => `${topic}-${partition}`;

interface CommitToCheck {
  readonly offsets: readonly CommittedOffset[];
  /** Of the group or its member. */
  readonly refusal: ErrorCode;
  readonly inTransaction: boolean;
}

class ClassicGroupCoordinator implements GroupCoordinator {
  readonly #logs: LogManager;
  readonly #logger: Logger;
  readonly #settings: GroupSettings;
  readonly #topic: OffsetsTopic;
  readonly #offsets: OffsetStore;
  readonly #groupWrites: RetryLog;
  readonly #offsetWrites: RetryLog;
  readonly #groups = new Map<string, Group>();
  readonly #ports: GroupPorts;
  readonly #retention: GroupRetention;
  #closed = false;

  constructor({ logs, clock, newMemberSuffix, logger, settings: given }: GroupCoordinatorOptions) {
    const settings = { ...defaultGroupSettings, ...given };
    this.#logs = logs;
    this.#logger = logger;
    this.#settings = settings;
    this.#topic = new OffsetsTopic({ logs, clock, logger, settings });
    this.#groupWrites = new RetryLog({ clock, logger, level: 'error' });
    this.#offsetWrites = new RetryLog({ clock, logger, level: 'error' });
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
        this.#groupWrites.recovered('records of groups are written again');
      },
      onStoreFailed: (groupId, error) =>
        this.#groupWrites.failed(error, 'the record of a group could not be written', { groupId }),
    };
    this.#retention = new GroupRetention({
      clock,
      settings,
      logger,
      topic: this.#topic,
      offsets: this.#offsets,
      groups: this.#groups,
    });
  }

  async load(): Promise<void> {
    const snapshots = loadGroups({ topic: this.#topic, offsets: this.#offsets, logger: this.#logger });
    for (const groupId of this.#offsets.groupIds()) if (this.#isReadable(groupId)) this.#groupFor(groupId);
    for (const snapshot of snapshots)
      if (this.#isReadable(snapshot.groupId)) this.#groupFor(snapshot.groupId).restore(snapshot);
    this.#retention.start();
    await this.#forgetDeletedTopics();
  }

  /** Left over from deletions that a crash cut short. What cannot be written now is found again by the next start. */
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
    const refusal = this.#refuseJoin(input);
    if (refusal !== NONE) return joinRefused(refusal, input.memberId);
    const result = await this.#groupFor(input.groupId).join(input);
    if (result.errorCode === errorCodes.GROUP_MAX_SIZE_REACHED) this.#warnOfFullGroup(input);
    return result;
  }

  async sync(input: SyncGroupInput) {
    const refusal = this.#refuse(input.groupId);
    if (refusal !== NONE) return syncRefused(refusal);
    return this.#groups.get(input.groupId)?.sync(input) ?? syncRefused(UNKNOWN_MEMBER_ID);
  }

  heartbeat(member: MemberIdentity): ErrorCode {
    const refusal = this.#refuse(member.groupId);
    if (refusal !== NONE) return refusal;
    return this.#groups.get(member.groupId)?.heartbeat(member) ?? UNKNOWN_MEMBER_ID;
  }

  /** Answered after the group's record is durable, when the last member has left. */
  async leave(groupId: string, members: readonly LeavingMember[]) {
    const errorCode = this.#refuse(groupId);
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

  async commitOffsets(member: MemberIdentity, offsets: readonly CommittedOffset[], retentionMs?: bigint) {
    const refusal = this.#refuseCommit(member);
    return this.#commit(member.groupId, { offsets, refusal, inTransaction: false }, (accepted) =>
      this.#offsets.commit(member.groupId, accepted, retentionMs),
    );
  }

  /** The group is there once a commit was admitted, even if none of its offsets could be taken. */
  async #commit(
    groupId: string,
    commit: CommitToCheck,
    write: (accepted: readonly CommittedOffset[]) => Promise<void>,
  ) {
    const { offsets, refusal } = commit;
    if (
      refusal === NONE &&
      offsets.some(({ topic, partition }) => this.#logs.partition(topic, partition) !== undefined)
    )
      this.#groupFor(groupId);
    const checked = offsets.map((offset) => ({ offset, errorCode: this.#refuseOffset(offset, refusal) }));
    const accepted = checked.filter(({ errorCode }) => errorCode === NONE).map(({ offset }) => offset);
    const failure =
      accepted.length === 0 ? NONE : await this.#store(groupId, { ...commit, offsets: accepted }, write);
    return checked.map(({ offset: { topic, partition }, errorCode }) => ({
      topic,
      partition,
      errorCode: errorCode === NONE ? failure : errorCode,
    }));
  }

  async commitInTransaction(
    member: MemberIdentity,
    offsets: readonly CommittedOffset[],
    producer: TransactionalProducer,
  ) {
    const refusal = this.#refuseTransactionalCommit(member);
    const { groupId } = member;
    return this.#commit(groupId, { offsets, refusal, inTransaction: true }, (accepted) =>
      this.#offsets.commitInTransaction(groupId, accepted, producer),
    );
  }

  prepare(): Promise<void> {
    return this.#topic.create();
  }

  partitionOf(groupId: string): Promise<number> {
    return this.#topic.partitionOf(groupId);
  }

  endTransaction(partition: number, marker: TransactionMarker): Promise<void> {
    return this.#offsets.endTransaction(partition, marker);
  }

  isPending(
    groupId: string,
    { topic, partition }: { readonly topic: string; readonly partition: number },
  ): boolean {
    return this.#offsets.isPending({ groupId, topic, partition });
  }

  /** Throws NOT_COORDINATOR where the commits cannot be read: "never committed" would send every consumer back to the start, or to the end. */
  fetchOffsets(groupId: string, partitions: readonly GroupPartition[] | null) {
    const damage = this.#topic.damageOf(groupId);
    if (damage !== undefined)
      throw new ProtocolError('NOT_COORDINATOR', `what ${groupId} has committed is unknown`, {
        cause: damage,
      });
    return this.#offsets.fetch(groupId, partitions);
  }

  /** An unknown group is Dead, without an error (G18). */
  describe(groupId: string): DescribedGroup {
    const known = this.#groups.get(groupId)?.describe();
    const errorCode = this.#isReadable(groupId) ? NONE : NOT_COORDINATOR;
    return known ?? { errorCode, groupId, state: 'Dead', protocolType: '', protocolName: '', members: [] };
  }

  async deleteGroup(groupId: string): Promise<ErrorCode> {
    if (this.#closed || !this.#isReadable(groupId)) return NOT_COORDINATOR;
    await this.#topic.settled();
    const group = this.#groups.get(groupId);
    if (group === undefined) return GROUP_ID_NOT_FOUND;
    if (group.state !== 'Empty') return NON_EMPTY_GROUP;
    return this.#written(groupId, () =>
      removeGroup(group, { topic: this.#topic, offsets: this.#offsets, groups: this.#groups }),
    );
  }

  async deleteOffsets(groupId: string, partitions: readonly GroupPartition[]): Promise<DeletedOffsets> {
    const refusal = this.#refuse(groupId);
    if (refusal !== NONE) return { errorCode: refusal, partitions: [] };
    await this.#topic.settled();
    const group = this.#groups.get(groupId);
    if (group === undefined) return { errorCode: GROUP_ID_NOT_FOUND, partitions: [] };
    if (group.state !== 'Empty' && group.protocolType !== consumerProtocol)
      return { errorCode: NON_EMPTY_GROUP, partitions: [] };
    const checked = partitions.map((place) => ({ ...place, errorCode: this.#refuseDeletion(group, place) }));
    const doomed = new Set(checked.flatMap((place) => (place.errorCode === NONE ? [keyOf(place)] : [])));
    const errorCode = await this.#written(groupId, () =>
      this.#offsets.forget(groupId, (held) => doomed.has(keyOf(held))),
    );
    return { errorCode, partitions: errorCode === NONE ? checked : [] };
  }

  list() {
    return [...this.#groups.values()].map(({ groupId, protocolType, state }) => ({
      groupId,
      protocolType,
      state,
    }));
  }

  async forgetTopic(topic: string): Promise<void> {
    await this.#offsets.forgetTopic(topic);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#retention.stop();
    for (const group of this.#groups.values()) group.close(NOT_COORDINATOR);
    await this.#topic.settled();
  }

  #isReadable(groupId: string): boolean {
    return this.#topic.damageOf(groupId) === undefined;
  }

  #refuse(groupId: string): ErrorCode {
    if (this.#closed || !this.#isReadable(groupId)) return NOT_COORDINATOR;
    return groupId === '' ? INVALID_GROUP_ID : NONE;
  }

  /** G1 and our limits. A known group is needed for a known member. */
  #refuseJoin({ groupId, memberId, sessionTimeoutMs, protocols }: JoinGroupInput): ErrorCode {
    const refusal = this.#refuse(groupId);
    if (refusal !== NONE) return refusal;
    const { sessionTimeoutMsMin, sessionTimeoutMsMax, memberMetadataBytesMax } = this.#settings;
    if (sessionTimeoutMs < sessionTimeoutMsMin || sessionTimeoutMs > sessionTimeoutMsMax)
      return errorCodes.INVALID_SESSION_TIMEOUT;
    if (bytesOfProtocols(protocols) > memberMetadataBytesMax) return errorCodes.INVALID_REQUEST;
    if (this.#groups.has(groupId)) return NONE;
    return memberId === '' ? this.#refuseNewGroup() : UNKNOWN_MEMBER_ID;
  }

  /** Groups without a trace, which the next sweep of the retention would take, make room. */
  #refuseNewGroup(): ErrorCode {
    if (this.#groups.size >= this.#settings.groupsMax) this.#forgetUnused();
    if (this.#groups.size < this.#settings.groupsMax) return NONE;
    this.#logger.warn(
      { groupsMax: this.#settings.groupsMax },
      'no more groups are taken: use fewer, or raise groups.groupsMax of startBroker',
    );
    return errorCodes.POLICY_VIOLATION;
  }

  #warnOfFullGroup({ groupId, clientId }: JoinGroupInput): void {
    const { groupMembersMax, memberBytesMax } = this.#settings;
    const full = { groupId, clientId, groupMembersMax, memberBytesMax, heldBytes: this.#ports.held.used };
    this.#logger.warn(
      full,
      'a member finds no place: its group has as many as it may (group.max.size), or those of all groups take too much memory (groups.memberBytesMax of startBroker)',
    );
  }

  #refuseCommit(member: MemberIdentity): ErrorCode {
    if (this.#closed || !this.#isReadable(member.groupId)) return NOT_COORDINATOR;
    const group = this.#groups.get(member.groupId);
    if (group !== undefined) return group.mayCommit(member);
    return member.generationId < 0 ? this.#refuseNewGroup() : GROUP_ID_NOT_FOUND;
  }

  /** As for a plain commit, but a rebalance under way does not matter, and neither does a group that has members when none is named. */
  #refuseTransactionalCommit(member: MemberIdentity): ErrorCode {
    const refusal = this.#refuse(member.groupId);
    if (refusal !== NONE) return refusal;
    const group = this.#groups.get(member.groupId);
    if (group !== undefined) return group.mayCommitInTransaction(member);
    return member.generationId < 0 ? this.#refuseNewGroup() : errorCodes.ILLEGAL_GENERATION;
  }

  #refuseDeletion(group: Group, { topic, partition }: GroupPartition): ErrorCode {
    if (this.#logs.partition(topic, partition) === undefined) return errorCodes.UNKNOWN_TOPIC_OR_PARTITION;
    return group.reads(topic) ? errorCodes.GROUP_SUBSCRIBED_TO_TOPIC : NONE;
  }

  /** A partition that is not there is told as such whatever else is wrong: the broker finds out before it asks the group. */
  #refuseOffset({ topic, partition, metadata }: CommittedOffset, ofGroup: ErrorCode): ErrorCode {
    if (this.#logs.partition(topic, partition) === undefined) return errorCodes.UNKNOWN_TOPIC_OR_PARTITION;
    if (ofGroup !== NONE) return ofGroup;
    const tooLarge = (metadata?.length ?? 0) > this.#settings.offsetMetadataCharsMax;
    return tooLarge ? errorCodes.OFFSET_METADATA_TOO_LARGE : NONE;
  }

  /** All of a commit or nothing. What is held already can be committed anew, whatever the limit. */
  async #store(
    groupId: string,
    commit: CommitToCheck,
    write: (accepted: readonly CommittedOffset[]) => Promise<void>,
  ): Promise<ErrorCode> {
    if (this.#offsets.hasRoomFor(groupId, commit.offsets, commit))
      return this.#storeOffsets(groupId, () => write(commit.offsets));
    const { offsetBytesMax } = this.#settings;
    this.#logger.warn(
      { groupId, offsetBytesMax },
      'no more offsets are taken: delete groups that are no longer used, or raise groups.offsetBytesMax of startBroker',
    );
    return errorCodes.INVALID_COMMIT_OFFSET_SIZE;
  }

  async #storeOffsets(groupId: string, write: () => Promise<void>): Promise<ErrorCode> {
    const errorCode = await this.#written(groupId, write);
    if (errorCode === NONE) this.#groupFor(groupId);
    return errorCode;
  }

  async #written(groupId: string, write: () => Promise<unknown>): Promise<ErrorCode> {
    try {
      await write();
      this.#offsetWrites.recovered('committed offsets are written again');
      return NONE;
    } catch (error) {
      this.#offsetWrites.failed(error, 'committed offsets could not be written', { groupId });
      return codeOfFailedWrite(error);
    }
  }

  #groupFor(groupId: string): Group {
    const group = this.#groups.get(groupId) ?? new Group(groupId, this.#ports);
    this.#groups.set(groupId, group);
    return group;
  }

  #forgetUnused(): void {
    for (const group of [...this.#groups.values()])
      if (group.untouched && !this.#offsets.has(group.groupId)) this.#groups.delete(group.groupId);
  }
}
