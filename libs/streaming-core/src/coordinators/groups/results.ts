import { errorCodes, ProtocolError, type ErrorCode } from '../../protocol/errors.ts';
import { noBytes } from './member.ts';
import type { JoinGroupResult, SyncGroupResult } from './types.ts';

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

/** What a client is told when the coordinator's own log refuses a record: as Kafka translates them, so that clients retry or give up alike. */
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
