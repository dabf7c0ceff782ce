import { errorCodes, type ErrorCode, ProtocolError } from '../../protocol/errors.ts';
import { type Member, metadataFor, noBytes } from './member.ts';
import type { JoinGroupResult, SyncGroupResult } from './group-requests.ts';
import type { Membership } from './membership.ts';

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
