import { errorCodes, type ErrorCode } from '../../protocol/errors.ts';
import { GroupLifecycle } from './group-lifecycle.ts';
import { type GroupPorts, type GroupSnapshot, metadataFor, noBytes, type Member } from './member.ts';
import { joinGroup } from './joining.ts';
import { answerSync, syncRefused } from './membership.ts';
import type {
  DescribedGroup,
  JoinGroupInput,
  JoinGroupResult,
  LeavingMember,
  MemberIdentity,
  SyncGroupInput,
  SyncGroupResult,
} from './group-requests.ts';
import { arrayOf, string, struct } from '../../protocol/schema.ts';
import { WireReader } from '../../protocol/wire-reader.ts';

const versionBytes = 2;

/**
 * The beginning of a consumer's metadata, which is the same in all versions of
 * `ConsumerProtocolSubscription`. The rest is for the members.
 */
const subscription = struct(
  'ConsumerProtocolSubscription',
  { versions: '0', flexible: 'none' },
  { topics: arrayOf(string()) },
);

/**
 * Returns the topics that a member of protocol type `consumer` subscribes to, or undefined if its
 * metadata has another format.
 */
export function subscribedTopics(metadata: Buffer): readonly string[] | undefined {
  try {
    return subscription.codec(0).read(new WireReader(metadata.subarray(versionBytes))).topics;
  } catch {
    return undefined;
  }
}

/** The protocol type of groups whose members name the topics they subscribe to. */
export const consumerProtocol = 'consumer';

const { NONE, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS, INCONSISTENT_GROUP_PROTOCOL } = errorCodes;

/**
 * One classic consumer group. Checks requests against its state and carries them out. State changes
 * synchronously and in the order of the calls; only responses wait, for other members or for the
 * disk.
 */
export class Group {
  readonly #group: GroupLifecycle;

  constructor(groupId: string, ports: GroupPorts) {
    this.#group = new GroupLifecycle(groupId, ports);
  }

  get groupId(): string {
    return this.#group.groupId;
  }

  get state(): DescribedGroup['state'] {
    return this.#group.state.name;
  }

  get protocolType(): string {
    return this.#group.protocolType ?? '';
  }

  /** Unix milliseconds of the last change of state. */
  get changedAtMs(): number {
    return this.#group.changedAtMs;
  }

  /** Whether the group has no members and no pending member ids. */
  get abandoned(): boolean {
    return this.#group.state.name === 'Empty' && this.#group.members.pendingSize === 0;
  }

  /**
   * Whether the group has no members and never had a generation, so that only its offsets would be
   * lost with it.
   */
  get untouched(): boolean {
    return this.abandoned && this.#group.generationId === 0;
  }

  /**
   * Whether members subscribe to the topic, as far as the broker can tell. Metadata in an unknown
   * format counts as a subscription to every topic.
   */
  reads(topic: string): boolean {
    const { members, protocolName, protocolType } = this.#group;
    if (protocolType !== consumerProtocol || members.size === 0) return false;
    return members
      .all()
      .some((member) => subscribedTopics(metadataFor(member, protocolName))?.includes(topic) ?? true);
  }

  /** Resolves when the latest record is durable, or its write has failed and was reported. */
  get stored(): Promise<void> {
    return this.#group.stored;
  }

  join(input: JoinGroupInput): Promise<JoinGroupResult> {
    return joinGroup(this.#group, input);
  }

  sync(input: SyncGroupInput): Promise<SyncGroupResult> {
    const refusal = this.#refuseSync(input);
    const member = this.#group.members.get(input.memberId);
    if (refusal !== NONE || member === undefined) return Promise.resolve(syncRefused(refusal));
    member.session.renew(member.sessionTimeoutMs);
    if (this.state === 'PreparingRebalance') return Promise.resolve(syncRefused(REBALANCE_IN_PROGRESS));
    this.#group.hasSynced(member.memberId);
    return this.state === 'CompletingRebalance'
      ? this.#parkSync(member, input)
      : Promise.resolve(this.#assigned(member));
  }

  heartbeat(identity: MemberIdentity): ErrorCode {
    const refusal = this.#check(identity);
    if (refusal !== NONE) return refusal;
    return this.state === 'PreparingRebalance' ? REBALANCE_IN_PROGRESS : NONE;
  }

  /**
   * Returns a code for each leaving member. The remaining members rebalance once, after all of them
   * have left.
   */
  leave(leaving: readonly LeavingMember[]): readonly ErrorCode[] {
    const codes = leaving.map((each) => this.#drop(each));
    if (codes.includes(NONE)) this.#group.haveLeft();
    return codes;
  }

  /** Returns NONE when this member, or an administrator of an empty group, may commit now. */
  mayCommit(identity: MemberIdentity): ErrorCode {
    if (this.state === 'Empty' && identity.generationId < 0) return NONE;
    const refusal = this.#check(identity);
    if (refusal !== NONE) return refusal;
    return this.state === 'CompletingRebalance' ? REBALANCE_IN_PROGRESS : NONE;
  }

  /**
   * Returns NONE when this member, or a producer that names no member (before KIP-447), may commit
   * in a transaction now.
   */
  mayCommitInTransaction(identity: MemberIdentity): ErrorCode {
    const namesNone =
      identity.generationId < 0 && identity.memberId === '' && identity.groupInstanceId === null;
    if (namesNone || (this.state === 'Empty' && identity.generationId < 0)) return NONE;
    return this.#check(identity);
  }

  describe(): DescribedGroup {
    const { members, protocolName } = this.#group;
    const stable = this.state === 'Stable';
    return {
      errorCode: NONE,
      groupId: this.groupId,
      state: this.state,
      protocolType: this.protocolType,
      protocolName: stable ? (protocolName ?? '') : '',
      members: members.all().map((member) => ({
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        metadata: stable ? metadataFor(member, protocolName) : noBytes,
        assignment: member.assignment,
      })),
    };
  }

  /** Restores a group from its record and restarts every session. */
  restore(snapshot: GroupSnapshot): void {
    this.#group.restore(snapshot);
  }

  /** Stops every timer and answers every parked request with the code. */
  close(code: ErrorCode): void {
    this.#group.close(code);
  }

  /** Checks the caller. A valid call by a member of this generation renews its session. */
  #check({ memberId, groupInstanceId, generationId }: MemberIdentity): ErrorCode {
    const refusal = this.#group.members.check(memberId, groupInstanceId);
    const member = this.#group.members.get(memberId);
    if (refusal !== NONE || member === undefined) return refusal;
    if (generationId !== this.#group.generationId) return ILLEGAL_GENERATION;
    if (!member.isNew) member.session.renew(member.sessionTimeoutMs);
    return NONE;
  }

  #drop(leaving: LeavingMember): ErrorCode {
    const { members } = this.#group;
    if (members.isPending(leaving.memberId)) {
      members.dropPending(leaving.memberId);
      return NONE;
    }
    const byInstance = leaving.memberId === '' && leaving.groupInstanceId !== null;
    const memberId = byInstance
      ? (members.memberOfInstance(leaving.groupInstanceId)?.memberId ?? '')
      : leaving.memberId;
    const refusal = members.check(memberId, leaving.groupInstanceId);
    const member = members.get(memberId);
    if (refusal !== NONE || member === undefined) return refusal;
    this.#group.drop(member);
    return NONE;
  }

  #refuseSync(input: SyncGroupInput): ErrorCode {
    const refusal = this.#group.members.check(input.memberId, input.groupInstanceId);
    if (refusal !== NONE) return refusal;
    if (input.generationId !== this.#group.generationId) return ILLEGAL_GENERATION;
    const sameType = input.protocolType === null || input.protocolType === this.#group.protocolType;
    const sameName = input.protocolName === null || input.protocolName === this.#group.protocolName;
    return sameType && sameName ? NONE : INCONSISTENT_GROUP_PROTOCOL;
  }

  #parkSync(member: Member, input: SyncGroupInput): Promise<SyncGroupResult> {
    answerSync(member, syncRefused(REBALANCE_IN_PROGRESS));
    return new Promise((resolve) => {
      member.sync = resolve;
      if (this.#group.members.leaderId === member.memberId) this.#group.assign(input.assignments);
    });
  }

  #assigned({ assignment }: Member): SyncGroupResult {
    return {
      errorCode: NONE,
      protocolType: this.#group.protocolType,
      protocolName: this.#group.protocolName,
      assignment,
    };
  }
}
