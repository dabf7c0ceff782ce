import { errorCodes, type ErrorCode } from '../../protocol/errors.ts';
import type { Deadline } from './deadline.ts';
import type { HeldBytes } from '../../runtime/held-bytes.ts';
import { bytesOfId, bytesOfMember } from './member-bytes.ts';
import type { Member, MemberProtocols } from './member.ts';

/** Who belongs to a group: members in order of joining, static members by instance id, ids handed out and not yet used, the leader. */
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

  /** G13: an instance id decides first, so that a replaced process learns that it was fenced. */
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

  /** After a change of what it is described by or assigned. */
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

  /** The same static member under a new id; it keeps its assignment and, if it has it, the lead. */
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

  /** At least one of the names is spoken by every member (G1). */
  canSpeak(protocols: MemberProtocols): boolean {
    const common = this.#commonProtocols();
    return protocols.some(({ name }) => common === undefined || common.has(name));
  }

  /** G6: each member votes for the first of its own list that all support; the earliest of equals wins. */
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

  /** If the leader has not rejoined, one who has takes over; false when nobody has. */
  electJoinedLeader(): boolean {
    if (this.leaderId !== null && this.get(this.leaderId)?.join !== undefined) return true;
    const joined = this.all().find(({ join }) => join !== undefined);
    if (joined === undefined) return false;
    this.leaderId = joined.memberId;
    return true;
  }

  /** Undefined when there is no member to limit the choice. */
  #commonProtocols(): Set<string> | undefined {
    const [first, ...others] = this.all();
    if (first === undefined) return undefined;
    const spokenBy = others.map(({ protocols }) => new Set(protocols.map(({ name }) => name)));
    return new Set(
      first.protocols.map(({ name }) => name).filter((name) => spokenBy.every((names) => names.has(name))),
    );
  }
}
