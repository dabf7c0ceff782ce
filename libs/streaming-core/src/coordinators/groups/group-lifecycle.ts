import { errorCodes, type ErrorCode } from '../../protocol/errors.ts';
import { Deadline } from '../../runtime/clock.ts';
import {
  memberSnapshot,
  type GroupSnapshot,
  type Gathering,
  type GroupPorts,
  type GroupState,
  newMember,
  noBytes,
  type Member,
  type MemberDetails,
} from './member.ts';
import {
  answerJoin,
  dismiss,
  endSync,
  codeOfFailedWrite,
  joinAccepted,
  syncRefused,
  Membership,
} from './membership.ts';
import type { JoinGroupResult, SyncGroupInput } from './group-requests.ts';

/**
 * Empty -> PreparingRebalance -> CompletingRebalance -> Stable, and again; Dead once closed.
 * Changes are synchronous, a timer limits every rebalance, and the generation never decreases.
 */
export class GroupLifecycle {
  readonly groupId: string;
  readonly ports: GroupPorts;
  readonly members: Membership;
  readonly #rebalanceEnd: Deadline;
  readonly #syncEnd: Deadline;
  #state: GroupState = { name: 'Empty' };
  #generationId = 0;
  #protocolName: string | null = null;
  #changedAtMs: number;
  #stored: Promise<void> = Promise.resolve();
  protocolType: string | null = null;

  constructor(groupId: string, ports: GroupPorts) {
    this.groupId = groupId;
    this.ports = ports;
    this.members = new Membership(ports.held);
    this.#changedAtMs = ports.clock.now();
    this.#rebalanceEnd = new Deadline(ports.clock, () => this.#rebalanceTimeIsUp());
    this.#syncEnd = new Deadline(ports.clock, () => this.#syncTimeIsUp());
  }

  get state(): GroupState {
    return this.#state;
  }

  get generationId(): number {
    return this.#generationId;
  }

  get protocolName(): string | null {
    return this.#protocolName;
  }

  get changedAtMs(): number {
    return this.#changedAtMs;
  }

  /** Resolves when the latest record is durable, or its write has failed and was reported. */
  get stored(): Promise<void> {
    return this.#stored;
  }

  admit(details: MemberDetails): Member {
    const member: Member = newMember(
      details,
      new Deadline(this.ports.clock, () => this.#sessionIsUp(member)),
    );
    this.members.add(member);
    if (this.#state.name === 'PreparingRebalance' && this.#state.gathering !== undefined)
      this.#state.gathering.joined = true;
    return member;
  }

  /** Reserves a member id. After `span` it is forgotten, and no rebalance waits for it. */
  expect(memberId: string, span: number): void {
    const expiry = new Deadline(this.ports.clock, () => this.dropPending(memberId));
    this.members.addPending(memberId, expiry);
    expiry.renew(span);
  }

  dropPending(memberId: string): void {
    this.members.dropPending(memberId);
    this.#completeIfReady();
  }

  /** Begins a rebalance, or checks whether the current one can end. */
  rebalance(): void {
    if (this.#state.name === 'Dead') return;
    if (this.#state.name !== 'PreparingRebalance') this.#beginRebalance(this.#state.name === 'Empty');
    this.#completeIfReady();
  }

  /** Applies the leader's assignments once they are durable. Of two lists, the first counts. */
  assign(assignments: SyncGroupInput['assignments']): void {
    const state = this.#state;
    if (state.name !== 'CompletingRebalance' || state.storing) return;
    state.storing = true;
    const more = assignments.reduce((sum, { assignment }) => sum + assignment.length, 0);
    if (!this.ports.held.hasRoomFor(more)) return this.#failSync(errorCodes.GROUP_MAX_SIZE_REACHED);
    const given = new Map(assignments.map(({ memberId, assignment }) => [memberId, Buffer.from(assignment)]));
    const assignmentOf = (member: Member) => given.get(member.memberId) ?? noBytes;
    this.#write(assignmentOf).then(
      () => this.#state === state && this.#becomeStable(state.unsynced, assignmentOf),
      (error: unknown) => this.#state === state && this.#failSync(codeOfFailedWrite(error)),
    );
  }

  /** Writes the group in its current state. Rejects when the write fails. */
  store(): Promise<void> {
    return this.#write((member) => member.assignment);
  }

  remove(member: Member): void {
    this.drop(member);
    this.haveLeft();
  }

  /** Does not rebalance: the caller calls `haveLeft` once all that leave together are gone. */
  drop(member: Member): void {
    dismiss(member, errorCodes.UNKNOWN_MEMBER_ID);
    this.hasSynced(member.memberId);
    this.members.remove(member);
  }

  /** Rebalances the remaining members after others, or pending member ids, have gone. */
  haveLeft(): void {
    if (this.#state.name !== 'Empty') this.rebalance();
  }

  hasSynced(memberId: string): void {
    if (this.#state.name === 'CompletingRebalance' || this.#state.name === 'Stable')
      this.#state.unsynced.delete(memberId);
  }

  joined(member: Member): JoinGroupResult {
    return joinAccepted(member, this, this.members);
  }

  /** Restarts every session. A group that is now over the size limit has to rejoin. */
  restore(snapshot: GroupSnapshot): void {
    this.#generationId = snapshot.generationId;
    this.protocolType = snapshot.protocolType === '' ? null : snapshot.protocolType;
    this.#protocolName = snapshot.protocolName;
    for (const stored of snapshot.members) {
      const member = this.admit({
        ...stored,
        protocols: [{ name: snapshot.protocolName ?? '', metadata: stored.subscription }],
      });
      member.isNew = false;
      member.assignment = Buffer.from(stored.assignment);
      this.members.weigh(member);
      member.session.renew(member.sessionTimeoutMs);
    }
    if (snapshot.leaderId !== null && this.members.get(snapshot.leaderId) !== undefined)
      this.members.leaderId = snapshot.leaderId;
    this.#state = this.members.size === 0 ? { name: 'Empty' } : { name: 'Stable', unsynced: new Set() };
    this.#changedAtMs = snapshot.changedAtMs;
    if (this.members.size > this.ports.settings.groupMembersMax) this.rebalance();
  }

  /** Stops every timer and answers every parked request. */
  close(code: ErrorCode): void {
    this.#enter({ name: 'Dead' });
    this.#rebalanceEnd.stop();
    this.#syncEnd.stop();
    this.members.dropAllPending();
    for (const member of this.members.all()) {
      member.session.stop();
      dismiss(member, code);
    }
  }

  #enter(state: GroupState): void {
    this.#state = state;
    this.#changedAtMs = this.ports.clock.now();
  }

  #beginRebalance(wasEmpty: boolean): void {
    this.#syncEnd.stop();
    if (this.#state.name === 'CompletingRebalance') this.#refuseSyncs(errorCodes.REBALANCE_IN_PROGRESS);
    const longest = this.members.rebalanceTimeoutMs();
    const delay = wasEmpty ? Math.min(this.ports.settings.initialRebalanceDelayMs, longest) : 0;
    const gathering = delay > 0 ? { leftMs: longest - delay, joined: false } : undefined;
    this.#enter({ name: 'PreparingRebalance', pendingIdsCount: !wasEmpty, gathering });
    this.#rebalanceEnd.renew(gathering === undefined ? longest : delay);
  }

  #completeIfReady(): void {
    const state = this.#state;
    if (state.name !== 'PreparingRebalance') return;
    const members = this.members.all();
    const waits = state.gathering !== undefined || (state.pendingIdsCount && this.members.pendingSize > 0);
    if (members.length === 0 || (!waits && members.every(({ join }) => join !== undefined))) this.#complete();
  }

  #rebalanceTimeIsUp(): void {
    const state = this.#state;
    if (state.name !== 'PreparingRebalance') return;
    if (state.gathering?.joined === true && state.gathering.leftMs > 0)
      return this.#gatherOn(state.gathering);
    const silent = this.members
      .all()
      .filter(({ join, groupInstanceId }) => join === undefined && groupInstanceId === null);
    for (const member of silent) this.drop(member);
    this.#complete();
  }

  #gatherOn(gathering: Gathering): void {
    const delay = Math.min(this.ports.settings.initialRebalanceDelayMs, gathering.leftMs);
    gathering.leftMs -= delay;
    gathering.joined = false;
    this.#rebalanceEnd.renew(delay);
  }

  /** Static members keep their place. The wait starts again while nobody has joined to lead. */
  #complete(): void {
    if (this.members.size > 0 && !this.members.electJoinedLeader())
      return this.#rebalanceEnd.renew(this.members.rebalanceTimeoutMs());
    this.#rebalanceEnd.stop();
    this.#generationId += 1;
    this.#protocolName = this.members.electProtocol();
    if (this.members.size === 0) {
      this.#enter({ name: 'Empty' });
      void this.store();
      return;
    }
    const members = this.members.all();
    this.#enter({
      name: 'CompletingRebalance',
      unsynced: new Set(members.map(({ memberId }) => memberId)),
      storing: false,
    });
    this.#syncEnd.renew(this.members.rebalanceTimeoutMs());
    for (const member of members) {
      member.isNew = false;
      member.session.renew(member.sessionTimeoutMs);
      answerJoin(member, this.joined(member));
    }
  }

  #becomeStable(unsynced: Set<string>, assignmentOf: (member: Member) => Buffer): void {
    this.#enter({ name: 'Stable', unsynced });
    for (const member of this.members.all()) {
      member.assignment = assignmentOf(member);
      this.members.weigh(member);
      endSync(member, {
        errorCode: errorCodes.NONE,
        protocolType: this.protocolType,
        protocolName: this.#protocolName,
        assignment: member.assignment,
      });
    }
  }

  #failSync(code: ErrorCode): void {
    this.#refuseSyncs(code);
    this.rebalance();
  }

  /** Earlier assignments are void too, since their owners may no longer have them. */
  #refuseSyncs(code: ErrorCode): void {
    for (const member of this.members.all()) {
      member.assignment = noBytes;
      this.members.weigh(member);
      endSync(member, syncRefused(code));
    }
  }

  /** Also removes static members that did not join, since one may be the missing leader. */
  #syncTimeIsUp(): void {
    if (this.#state.name !== 'CompletingRebalance' && this.#state.name !== 'Stable') return;
    const silent = this.members.all().filter(({ memberId }) => this.#isUnsynced(memberId));
    for (const member of silent) this.drop(member);
    if (silent.length > 0) this.rebalance();
  }

  #isUnsynced(memberId: string): boolean {
    const state = this.#state;
    return (state.name === 'CompletingRebalance' || state.name === 'Stable') && state.unsynced.has(memberId);
  }

  /** A parked request keeps a member alive. A new member has its own timeout. */
  #sessionIsUp(member: Member): void {
    const waiting = member.join !== undefined || member.sync !== undefined;
    if (waiting && !member.isNew) member.session.renew(member.sessionTimeoutMs);
    else this.remove(member);
  }

  #write(assignmentOf: (member: Member) => Buffer): Promise<void> {
    const written = this.ports.store({
      groupId: this.groupId,
      protocolType: this.protocolType ?? '',
      generationId: this.#generationId,
      protocolName: this.#protocolName,
      leaderId: this.members.leaderId,
      changedAtMs: this.#changedAtMs,
      members: this.members
        .all()
        .map((member) => memberSnapshot(member, this.#protocolName, assignmentOf(member))),
    });
    this.#stored = written.catch((error: unknown) => this.ports.onStoreFailed(this.groupId, error));
    return written;
  }
}
