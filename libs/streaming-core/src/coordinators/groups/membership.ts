import { errorCodes, type ErrorCode, ProtocolError } from '../../protocol/errors.ts';
import type { Deadline } from '../../runtime/clock.ts';
import type { HeldBytes } from '../../runtime/held-bytes.ts';
import {
  type Member,
  type MemberProtocols,
  bytesOfId,
  bytesOfMember,
  metadataFor,
  noBytes,
} from './member.ts';
import type { JoinGroupResult, SyncGroupResult } from './group-requests.ts';

/**
 * The members of a group in order of joining, static members by instance id, pending member ids,
 * and the leader.
 */
export class Membership {
  readonly #members = new Map<string, Member>();
  readonly #memberIdOfInstance = new Map<string, string>();
  readonly #pending = new Map<string, Deadline>();
  readonly #held: HeldBytes;
  leaderId: string | null = null;

  constructor(held: HeldBytes) {
    this.#held = held;
  }

  get size(): number {
    return this.#members.size;
  }

  get pendingSize(): number {
    return this.#pending.size;
  }

  all(): Member[] {
    return [...this.#members.values()];
  }

  get(memberId: string): Member | undefined {
    return this.#members.get(memberId);
  }

  memberOfInstance(groupInstanceId: string): Member | undefined {
    const memberId = this.#memberIdOfInstance.get(groupInstanceId);
    return memberId === undefined ? undefined : this.#members.get(memberId);
  }

  /** The instance id is checked first, so that a replaced process learns that it is fenced. */
  check(memberId: string, groupInstanceId: string | null): ErrorCode {
    if (groupInstanceId !== null) {
      const current = this.#memberIdOfInstance.get(groupInstanceId);
      if (current === undefined) return errorCodes.UNKNOWN_MEMBER_ID;
      return current === memberId ? errorCodes.NONE : errorCodes.FENCED_INSTANCE_ID;
    }
    return this.#members.has(memberId) ? errorCodes.NONE : errorCodes.UNKNOWN_MEMBER_ID;
  }

  add(member: Member): void {
    this.dropPending(member.memberId);
    this.#members.set(member.memberId, member);
    if (member.groupInstanceId !== null)
      this.#memberIdOfInstance.set(member.groupInstanceId, member.memberId);
    this.leaderId ??= member.memberId;
    this.weigh(member);
  }

  /** Counts the member's memory again after its protocols or assignment have changed. */
  weigh(member: Member): void {
    const bytes = bytesOfMember(member);
    this.#held.add(bytes - member.heldBytes);
    member.heldBytes = bytes;
  }

  remove(member: Member): void {
    member.session.stop();
    this.#held.add(-member.heldBytes);
    member.heldBytes = 0;
    this.#members.delete(member.memberId);
    if (member.groupInstanceId !== null) this.#memberIdOfInstance.delete(member.groupInstanceId);
    if (this.leaderId === member.memberId) this.leaderId = this.#members.keys().next().value ?? null;
  }

  /** Gives a static member a new id. It keeps its assignment and, if it is the leader, its role. */
  rename(member: Member, memberId: string): void {
    const led = this.leaderId === member.memberId;
    this.#members.delete(member.memberId);
    member.memberId = memberId;
    this.#members.set(memberId, member);
    if (member.groupInstanceId !== null) this.#memberIdOfInstance.set(member.groupInstanceId, memberId);
    if (led) this.leaderId = memberId;
  }

  isPending(memberId: string): boolean {
    return this.#pending.has(memberId);
  }

  addPending(memberId: string, expiry: Deadline): void {
    this.#pending.set(memberId, expiry);
    this.#held.add(bytesOfId(memberId));
  }

  dropPending(memberId: string): void {
    this.#pending.get(memberId)?.stop();
    if (this.#pending.delete(memberId)) this.#held.add(-bytesOfId(memberId));
  }

  dropAllPending(): void {
    for (const memberId of [...this.#pending.keys()]) this.dropPending(memberId);
  }

  rebalanceTimeoutMs(): number {
    return this.all().reduce((longest, { rebalanceTimeoutMs }) => Math.max(longest, rebalanceTimeoutMs), 0);
  }

  /** Whether at least one of the protocols is supported by every member. */
  canSpeak(protocols: MemberProtocols): boolean {
    const common = this.#commonProtocols();
    return protocols.some(({ name }) => common === undefined || common.has(name));
  }

  /**
   * Each member votes for the first protocol of its list that all members support. In a tie, the
   * earliest wins.
   */
  electProtocol(): string | null {
    const common = this.#commonProtocols() ?? new Set<string>();
    const votes = new Map<string, number>();
    for (const member of this.#members.values()) {
      const choice = member.protocols.find(({ name }) => common.has(name))?.name;
      if (choice !== undefined) votes.set(choice, (votes.get(choice) ?? 0) + 1);
    }
    let winner: string | null = null;
    for (const [name, count] of votes) if (winner === null || count > (votes.get(winner) ?? 0)) winner = name;
    return winner;
  }

  /**
   * Elects a member that has rejoined, unless the leader itself has rejoined. Returns false when
   * nobody has.
   */
  electJoinedLeader(): boolean {
    if (this.leaderId !== null && this.get(this.leaderId)?.join !== undefined) return true;
    const joined = this.all().find(({ join }) => join !== undefined);
    if (joined === undefined) return false;
    this.leaderId = joined.memberId;
    return true;
  }

  /** Undefined when there are no members. */
  #commonProtocols(): Set<string> | undefined {
    const [first, ...others] = this.all();
    if (first === undefined) return undefined;
    const spokenBy = others.map(({ protocols }) => new Set(protocols.map(({ name }) => name)));
    return new Set(
      first.protocols.map(({ name }) => name).filter((name) => spokenBy.every((names) => names.has(name))),
    );
  }
}

export function answerJoin(member: Member, result: JoinGroupResult): void {
  const reply = member.join;
  member.join = undefined;
  reply?.(result);
}

export function answerSync(member: Member, result: SyncGroupResult): void {
  const reply = member.sync;
  member.sync = undefined;
  reply?.(result);
}

/**
 * Parks a JoinGroup. An earlier one of the same member is answered with an error that makes the
 * client retry.
 */
export function parkJoin(member: Member): Promise<JoinGroupResult> {
  answerJoin(member, joinRefused(errorCodes.REBALANCE_IN_PROGRESS, member.memberId));
  return new Promise((resolve) => (member.join = resolve));
}

/**
 * Answers a parked SyncGroup and renews the member's session, since the member could not send
 * heartbeats while it was parked.
 */
export function endSync(member: Member, result: SyncGroupResult): void {
  if (member.sync === undefined) return;
  member.session.renew(member.sessionTimeoutMs);
  answerSync(member, result);
}

/** Answers every parked request of the member. */
export function dismiss(member: Member, code: ErrorCode): void {
  answerJoin(member, joinRefused(code, code === errorCodes.UNKNOWN_MEMBER_ID ? '' : member.memberId));
  answerSync(member, syncRefused(code));
}

/** The leader is told about all members, the others only about the generation. */
export function joinAccepted(
  member: Member,
  generation: Pick<JoinGroupResult, 'generationId' | 'protocolType' | 'protocolName'>,
  members: Membership,
): JoinGroupResult {
  const { generationId, protocolType, protocolName } = generation;
  const leader = members.leaderId ?? '';
  const told = member.memberId === leader ? members.all() : [];
  return {
    errorCode: errorCodes.NONE,
    generationId,
    protocolType,
    protocolName,
    leader,
    skipAssignment: false,
    memberId: member.memberId,
    members: told.map((each) => ({
      memberId: each.memberId,
      groupInstanceId: each.groupInstanceId,
      metadata: metadataFor(each, protocolName),
    })),
  };
}

export function joinRefused(errorCode: ErrorCode, memberId: string): JoinGroupResult {
  return {
    errorCode,
    generationId: -1,
    protocolType: null,
    protocolName: null,
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  };
}

export function syncRefused(errorCode: ErrorCode): SyncGroupResult {
  return { errorCode, protocolType: null, protocolName: null, assignment: noBytes };
}

/**
 * Translates an error of the coordinator's own log as Kafka does, so that clients retry or give up
 * alike.
 */
export function codeOfFailedWrite(error: unknown): ErrorCode {
  if (!(error instanceof ProtocolError)) return errorCodes.UNKNOWN_SERVER_ERROR;
  switch (error.errorName) {
    case 'KAFKA_STORAGE_ERROR':
    case 'NOT_LEADER_OR_FOLLOWER':
    case 'NOT_COORDINATOR':
      return errorCodes.NOT_COORDINATOR;
    case 'COORDINATOR_NOT_AVAILABLE':
    case 'UNKNOWN_TOPIC_OR_PARTITION':
    case 'NOT_ENOUGH_REPLICAS':
    case 'REQUEST_TIMED_OUT':
      return errorCodes.COORDINATOR_NOT_AVAILABLE;
    default:
      return errorCodes.UNKNOWN_SERVER_ERROR;
  }
}
