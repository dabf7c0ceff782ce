import { errorCodes, type ErrorCode } from '../../protocol/errors.ts';
import type { GroupLifecycle } from './group-lifecycle.ts';
import { answerJoin, dismiss, parkJoin, codeOfFailedWrite, joinRefused } from './membership.ts';
import {
  describeAnew,
  noBytes,
  rebalanceTimeoutOf,
  sameProtocols,
  type Member,
  bytesOfMember,
  bytesOfProtocols,
} from './member.ts';
import type { JoinGroupInput, JoinGroupResult } from './group-requests.ts';

const { NONE, INCONSISTENT_GROUP_PROTOCOL, GROUP_MAX_SIZE_REACHED } = errorCodes;

/**
 * Handles JoinGroup for one group: rejects it, answers it at once, or parks it until the rebalance
 * ends.
 */
export function joinGroup(group: GroupLifecycle, input: JoinGroupInput): Promise<JoinGroupResult> {
  if (isFull(group, input) || !hasMemoryFor(group, input)) return Promise.resolve(turnAway(group, input));
  const refusal = refuseProtocols(group, input);
  if (refusal !== NONE) return Promise.resolve(joinRefused(refusal, input.memberId));
  if (input.memberId === '') return joinAnew(group, input);
  if (input.groupInstanceId === null && group.members.isPending(input.memberId))
    return admit(group, input, input.memberId);
  return rejoin(group, input);
}

/**
 * A member that finds the group full during a rebalance is removed, so that the rebalance does not
 * wait for it.
 */
function turnAway(group: GroupLifecycle, { memberId }: JoinGroupInput): JoinGroupResult {
  const member = group.members.get(memberId);
  if (member !== undefined) group.remove(member);
  return joinRefused(GROUP_MAX_SIZE_REACHED, '');
}

function refuseProtocols(group: GroupLifecycle, input: JoinGroupInput): ErrorCode {
  const protocolType = group.state.name === 'Empty' ? input.protocolType : group.protocolType;
  if (input.protocolType === '' || input.protocolType !== protocolType) return INCONSISTENT_GROUP_PROTOCOL;
  return group.members.canSpeak(input.protocols) ? NONE : INCONSISTENT_GROUP_PROTOCOL;
}

/**
 * During a rebalance, places belong to the members that have joined it. Otherwise members that are
 * gone could keep a group full.
 */
function isFull(
  { members, state, ports }: GroupLifecycle,
  { memberId, groupInstanceId }: JoinGroupInput,
): boolean {
  const { groupMembersMax } = ports.settings;
  const known =
    members.get(memberId) ??
    (groupInstanceId === null ? undefined : members.memberOfInstance(groupInstanceId));
  if (known === undefined && memberId !== '' && !members.isPending(memberId)) return false;
  if (state.name !== 'PreparingRebalance') return known === undefined && members.size >= groupMembersMax;
  if (known?.join !== undefined) return false;
  return members.all().filter(({ join }) => join !== undefined).length >= groupMembersMax;
}

/**
 * Whether the memory limit of all groups has room for what the member takes in addition to what it
 * already holds.
 */
function hasMemoryFor({ members, ports }: GroupLifecycle, input: JoinGroupInput): boolean {
  const { memberId, groupInstanceId, protocols } = input;
  const known =
    members.get(memberId) ??
    (groupInstanceId === null ? undefined : members.memberOfInstance(groupInstanceId));
  const more =
    known === undefined
      ? bytesOfMember({ ...input, assignment: noBytes })
      : bytesOfProtocols(protocols) - bytesOfProtocols(known.protocols);
  return ports.held.hasRoomFor(more);
}

/**
 * Limits the client id within a member id. With a client id of the maximum string length, the
 * member id would be too long.
 */
const nameInMemberIdMax = 1_000;

function joinAnew(group: GroupLifecycle, input: JoinGroupInput): Promise<JoinGroupResult> {
  const { groupInstanceId } = input;
  const memberId = `${(groupInstanceId ?? input.clientId).slice(0, nameInMemberIdMax).toWellFormed()}-${group.ports.newMemberSuffix()}`;
  if (groupInstanceId !== null) {
    const predecessor = group.members.memberOfInstance(groupInstanceId);
    return predecessor === undefined
      ? admit(group, input, memberId)
      : replaceStatic(group, predecessor, input, memberId);
  }
  return input.requireKnownMemberId
    ? Promise.resolve(handOutId(group, input, memberId))
    : admit(group, input, memberId);
}

/**
 * Gives the client an id before it is a member (KIP-394). A client that gives up before it knows
 * its id leaves no member behind.
 */
function handOutId(group: GroupLifecycle, input: JoinGroupInput, memberId: string): JoinGroupResult {
  if (group.members.pendingSize >= group.ports.settings.groupMembersMax)
    return joinRefused(GROUP_MAX_SIZE_REACHED, '');
  group.expect(memberId, input.sessionTimeoutMs);
  return joinRefused(errorCodes.MEMBER_ID_REQUIRED, memberId);
}

function admit(group: GroupLifecycle, input: JoinGroupInput, memberId: string): Promise<JoinGroupResult> {
  if (group.members.size === 0) group.protocolType = input.protocolType;
  const member = group.admit({ ...input, memberId, rebalanceTimeoutMs: rebalanceTimeoutOf(input) });
  renewSession(group, member);
  return joinRebalance(group, member);
}

function rejoin(group: GroupLifecycle, input: JoinGroupInput): Promise<JoinGroupResult> {
  const refusal = group.members.check(input.memberId, input.groupInstanceId);
  const member = group.members.get(input.memberId);
  if (refusal !== NONE || member === undefined) return Promise.resolve(joinRefused(refusal, input.memberId));
  const keeps = keepsGeneration(group, member, input);
  if (!keeps) {
    describeAnew(member, input);
    group.members.weigh(member);
  }
  renewSession(group, member);
  if (keeps) return Promise.resolve(group.joined(member));
  return joinRebalance(group, member);
}

/**
 * A member that has never received an answer has no id to send heartbeats with, so its timeout is
 * longer.
 */
function renewSession({ ports }: GroupLifecycle, member: Member): void {
  member.session.renew(member.isNew ? ports.settings.newMemberJoinTimeoutMs : member.sessionTimeoutMs);
}

/**
 * Unchanged metadata needs no rebalance, unless the leader of a stable group rejoins to ask for a
 * new assignment.
 */
function keepsGeneration({ state, members }: GroupLifecycle, member: Member, input: JoinGroupInput): boolean {
  if (!sameProtocols(member.protocols, input.protocols)) return false;
  if (state.name === 'CompletingRebalance') return true;
  return state.name === 'Stable' && members.leaderId !== member.memberId;
}

/**
 * Lets the new process of a static member take its predecessor's place. The predecessor is fenced
 * from here on.
 */
function replaceStatic(
  group: GroupLifecycle,
  member: Member,
  input: JoinGroupInput,
  memberId: string,
): Promise<JoinGroupResult> {
  const formerLeader = group.members.leaderId ?? '';
  dismiss(member, errorCodes.FENCED_INSTANCE_ID);
  group.hasSynced(member.memberId);
  group.members.rename(member, memberId);
  describeAnew(member, input);
  group.members.weigh(member);
  renewSession(group, member);
  const keeps = group.state.name === 'Stable' && group.members.electProtocol() === group.protocolName;
  return keeps ? joinWithoutRebalance(group, member, input, formerLeader) : joinRebalance(group, member);
}

/** The answer waits for the disk. If a rebalance begins meanwhile, its answer takes precedence. */
function joinWithoutRebalance(
  group: GroupLifecycle,
  member: Member,
  input: JoinGroupInput,
  formerLeader: string,
): Promise<JoinGroupResult> {
  const { state } = group;
  const parked = parkJoin(member);
  const { join } = member;
  const answer = (result: JoinGroupResult) => {
    if (group.state === state && member.join === join) answerJoin(member, result);
  };
  group.store().then(
    () => answer(rejoinedStatic(group, member, input, formerLeader)),
    (error: unknown) => answer(joinRefused(codeOfFailedWrite(error), '')),
  );
  return parked;
}

/**
 * From v9, a restarted leader is told to skip the assignment (KIP-814). Before v9, the answer names
 * the old leader, so that the new process does not act as the leader.
 */
function rejoinedStatic(
  group: GroupLifecycle,
  member: Member,
  input: JoinGroupInput,
  formerLeader: string,
): JoinGroupResult {
  const result = group.joined(member);
  if (input.supportsSkippingAssignment)
    return { ...result, skipAssignment: result.leader === member.memberId };
  return { ...result, leader: formerLeader, members: [] };
}

function joinRebalance(group: GroupLifecycle, member: Member): Promise<JoinGroupResult> {
  const parked = parkJoin(member);
  group.rebalance();
  return parked;
}
