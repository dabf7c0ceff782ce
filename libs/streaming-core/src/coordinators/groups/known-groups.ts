import type { Logger } from '../../runtime/index.ts';
import { errorCodes, type ErrorCode } from '../../protocol/errors.ts';
import { Group } from './group.ts';
import type { GroupPorts } from './group-state.ts';
import { bytesOfProtocols } from './member-bytes.ts';
import type { OffsetStore } from './offset-store.ts';
import type { OffsetsTopic } from './offsets-topic.ts';
import type { GroupSettings } from './settings.ts';
import type { JoinGroupInput, MemberIdentity } from './types.ts';

const { NONE, INVALID_GROUP_ID, UNKNOWN_MEMBER_ID, GROUP_ID_NOT_FOUND, NOT_COORDINATOR } = errorCodes;

interface KnownGroupsOptions {
  readonly topic: OffsetsTopic;
  readonly offsets: OffsetStore;
  readonly ports: GroupPorts;
  readonly settings: GroupSettings;
  readonly logger: Logger;
}

/** The groups that the coordinator knows, and whether it may serve a request for one of them or take a new one. */
export class KnownGroups {
  readonly byId = new Map<string, Group>();
  readonly #topic: OffsetsTopic;
  readonly #offsets: OffsetStore;
  readonly #ports: GroupPorts;
  readonly #settings: GroupSettings;
  readonly #logger: Logger;
  #closed = false;

  constructor({ topic, offsets, ports, settings, logger }: KnownGroupsOptions) {
    this.#topic = topic;
    this.#offsets = offsets;
    this.#ports = ports;
    this.#settings = settings;
    this.#logger = logger;
  }

  get(groupId: string): Group | undefined {
    return this.byId.get(groupId);
  }

  /** Adds it when it is new. */
  getOrAdd(groupId: string): Group {
    const group = this.byId.get(groupId) ?? new Group(groupId, this.#ports);
    this.byId.set(groupId, group);
    return group;
  }

  /** Whether the coordinator could read what its log holds of the group. */
  isReadable(groupId: string): boolean {
    return this.#topic.damageOf(groupId) === undefined;
  }

  isAvailable(groupId: string): boolean {
    return !this.#closed && this.isReadable(groupId);
  }

  refuse(groupId: string): ErrorCode {
    if (!this.isAvailable(groupId)) return NOT_COORDINATOR;
    return groupId === '' ? INVALID_GROUP_ID : NONE;
  }

  /** G1 and our limits. A known group is needed for a known member. */
  refuseJoin({ groupId, memberId, sessionTimeoutMs, protocols }: JoinGroupInput): ErrorCode {
    const refusal = this.refuse(groupId);
    if (refusal !== NONE) return refusal;
    const { sessionTimeoutMsMin, sessionTimeoutMsMax, memberMetadataBytesMax } = this.#settings;
    if (sessionTimeoutMs < sessionTimeoutMsMin || sessionTimeoutMs > sessionTimeoutMsMax)
      return errorCodes.INVALID_SESSION_TIMEOUT;
    if (bytesOfProtocols(protocols) > memberMetadataBytesMax) return errorCodes.INVALID_REQUEST;
    if (this.byId.has(groupId)) return NONE;
    return memberId === '' ? this.#refuseNewGroup() : UNKNOWN_MEMBER_ID;
  }

  refuseCommit(member: MemberIdentity): ErrorCode {
    if (!this.isAvailable(member.groupId)) return NOT_COORDINATOR;
    const group = this.byId.get(member.groupId);
    if (group !== undefined) return group.mayCommit(member);
    return member.generationId < 0 ? this.#refuseNewGroup() : GROUP_ID_NOT_FOUND;
  }

  /** As for a plain commit, but a rebalance under way does not matter, and neither does a group that has members when none is named. */
  refuseTransactionalCommit(member: MemberIdentity): ErrorCode {
    const refusal = this.refuse(member.groupId);
    if (refusal !== NONE) return refusal;
    const group = this.byId.get(member.groupId);
    if (group !== undefined) return group.mayCommitInTransaction(member);
    return member.generationId < 0 ? this.#refuseNewGroup() : errorCodes.ILLEGAL_GENERATION;
  }

  close(): void {
    this.#closed = true;
    for (const group of this.byId.values()) group.close(NOT_COORDINATOR);
  }

  /** Groups without a trace, which the next sweep of the retention would take, make room. */
  #refuseNewGroup(): ErrorCode {
    if (this.byId.size >= this.#settings.groupsMax) this.#forgetUnused();
    if (this.byId.size < this.#settings.groupsMax) return NONE;
    this.#logger.warn(
      { groupsMax: this.#settings.groupsMax },
      'no more groups are taken: use fewer, or raise groups.groupsMax of startBroker',
    );
    return errorCodes.POLICY_VIOLATION;
  }

  #forgetUnused(): void {
    for (const group of [...this.byId.values()])
      if (group.untouched && !this.#offsets.has(group.groupId)) this.byId.delete(group.groupId);
  }
}
