import { errorCodes, ProtocolError, type ErrorCode } from '../../protocol/errors.ts';
import { metadataFor, noBytes, type Member } from './member.ts';
import type { Membership } from './membership.ts';
import type { JoinGroupResult, SyncGroupResult } from './types.ts';

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
