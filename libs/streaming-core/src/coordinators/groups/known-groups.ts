import type { Logger } from '../../runtime/index.ts';
import { errorCodes, type ErrorCode } from '../../protocol/errors.ts';
import { Group } from './group.ts';
import type { GroupPorts } from './group-state.ts';
import { bytesOfProtocols } from './member.ts';
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

/**
 * The groups of the coordinator. Decides whether it may serve a request for one of them or create
 * another.
 */
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

  getOrAdd(groupId: string): Group {
    const group = this.byId.get(groupId) ?? new Group(groupId, this.#ports);
    this.byId.set(groupId, group);
    return group;
  }

  /** Whether the coordinator could read everything that its log says about the group. */
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

  /**
   * Checks a JoinGroup against the protocol's rules and our limits. A member id is only accepted in
   * a group that exists.
   */
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

  /**
   * Checks as for a plain commit, with two exceptions: a running rebalance does not matter, and a
   * request that names no member is accepted while the group has members.
   */
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

  /**
   * Groups without members, offsets and generation do not count towards the limit: they are dropped
   * first, as the next retention check would do.
   */
  #refuseNewGroup(): ErrorCode {
    if (this.byId.size >= this.#settings.groupsMax) this.#forgetUnused();
    if (this.byId.size < this.#settings.groupsMax) return NONE;
    this.#logger.warn(
      { groupsMax: this.#settings.groupsMax },
      'a new group was rejected: use fewer groups, or raise groups.groupsMax of startBroker',
    );
    return errorCodes.POLICY_VIOLATION;
  }

  #forgetUnused(): void {
    for (const group of [...this.byId.values()])
      if (group.untouched && !this.#offsets.has(group.groupId)) this.byId.delete(group.groupId);
  }
}
