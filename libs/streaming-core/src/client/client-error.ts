import { findErrorBy, type ProtocolError } from '@platformatic/kafka';
import type { errors } from '../runtime/errors.ts';
import { accessRefusal } from './connection/access-refusal.ts';

export type ClientErrorCode = keyof typeof errors.client;

export class ClientError extends Error {
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ClientError';
    this.code = code;
  }
}

const codeByProtocolId: Readonly<Record<string, ClientErrorCode>> = {
  OFFSET_OUT_OF_RANGE: 'offset_out_of_range',
  UNKNOWN_TOPIC_OR_PARTITION: 'unknown_topic',
  UNKNOWN_TOPIC_ID: 'unknown_topic',
  INCONSISTENT_TOPIC_ID: 'topic_recreated',
  NOT_LEADER_OR_FOLLOWER: 'unreachable',
  LEADER_NOT_AVAILABLE: 'unreachable',
  FENCED_LEADER_EPOCH: 'unreachable',
  UNKNOWN_LEADER_EPOCH: 'unreachable',
  COORDINATOR_NOT_AVAILABLE: 'unreachable',
  COORDINATOR_LOAD_IN_PROGRESS: 'unreachable',
  NOT_COORDINATOR: 'unreachable',
  NOT_CONTROLLER: 'unreachable',
  CONCURRENT_TRANSACTIONS: 'unreachable',
  PRODUCER_FENCED: 'fenced',
  INVALID_PRODUCER_EPOCH: 'fenced',
  INVALID_PRODUCER_ID_MAPPING: 'fenced',
  TRANSACTION_ABORTABLE: 'transaction_failed',
  UNSTABLE_OFFSET_COMMIT: 'unreachable',
  SASL_AUTHENTICATION_FAILED: 'access_refused',
  UNSUPPORTED_SASL_MECHANISM: 'access_refused',
  TOPIC_AUTHORIZATION_FAILED: 'access_refused',
  GROUP_AUTHORIZATION_FAILED: 'access_refused',
  CLUSTER_AUTHORIZATION_FAILED: 'access_refused',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'access_refused',
  MESSAGE_TOO_LARGE: 'record_too_large',
  RECORD_LIST_TOO_LARGE: 'record_too_large',
  INVALID_REPLICATION_FACTOR: 'replication_factor',
  ILLEGAL_GENERATION: 'not_member',
  UNKNOWN_MEMBER_ID: 'not_member',
  REBALANCE_IN_PROGRESS: 'not_member',
  FENCED_INSTANCE_ID: 'fenced_instance',
  REQUEST_TIMED_OUT: 'timeout',
};

export function codeOfProtocolError(id: string): ClientErrorCode {
  return codeByProtocolId[id] ?? 'broker_error';
}

/**
 * Translates an error of the library into a `ClientError` with a code of our catalogue, and keeps
 * it as the cause. `attempt` says what the client was doing.
 */
export function toClientError(error: unknown, attempt: string): ClientError {
  if (error instanceof ClientError) return error;
  const known = error instanceof Error ? error : new Error(String(error));
  const refusal = accessRefusal(known);
  if (refusal !== undefined)
    return new ClientError('access_refused', `${attempt}: ${refusal}`, { cause: known });
  if (isUnknownTopic(known)) return wrap('unknown_topic', known, attempt);
  const protocolError = findErrorBy<ProtocolError>(known, 'code', 'PLT_KFK_PROTOCOL');
  if (protocolError) return wrap(codeOfProtocolError(String(protocolError.apiId)), protocolError, attempt);
  if (findErrorBy(known, 'closed', true)) return wrap('closed', known, attempt);
  if (findErrorBy(known, 'code', 'PLT_KFK_NETWORK')) return wrap('unreachable', known, attempt);
  return wrap('broker_error', known, attempt);
}

/** The library turns the broker's error 3 into a plain user error that only its text identifies. */
export function isUnknownTopic(error: unknown): boolean {
  return (
    error instanceof Error &&
    findErrorBy(error, 'code', 'PLT_KFK_USER')?.message.startsWith('Unknown topic ') === true
  );
}

function wrap(
  code: ClientErrorCode,
  cause: Error & { serverErrorMessage?: unknown },
  attempt: string,
): ClientError {
  const reason = typeof cause.serverErrorMessage === 'string' ? cause.serverErrorMessage : cause.message;
  return new ClientError(code, `${attempt}: ${reason}`, { cause });
}
