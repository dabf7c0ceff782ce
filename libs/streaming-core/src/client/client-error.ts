import { ProtocolError, type ErrorName } from '../protocol/errors.ts';
import type { errors } from '../runtime/errors.ts';
import { accessRefusal } from './connection/access-refusal.ts';
import { causesOf } from './connection/causes.ts';
import { ConnectionLost } from './connection/connection-errors.ts';

export type ClientErrorCode = keyof typeof errors.client;

export class ClientError extends Error {
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ClientError';
    this.code = code;
  }
}

const codeByErrorName: Partial<Readonly<Record<ErrorName, ClientErrorCode>>> = {
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
  TOPIC_ALREADY_EXISTS: 'topic_exists',
  GROUP_ID_NOT_FOUND: 'unknown_group',
  NON_EMPTY_GROUP: 'group_in_use',
  GROUP_SUBSCRIBED_TO_TOPIC: 'group_in_use',
  ILLEGAL_GENERATION: 'not_member',
  UNKNOWN_MEMBER_ID: 'not_member',
  REBALANCE_IN_PROGRESS: 'not_member',
  FENCED_INSTANCE_ID: 'fenced_instance',
  REQUEST_TIMED_OUT: 'timeout',
};

/**
 * Translates any error into a `ClientError` with a code of our catalogue, and keeps it as the
 * cause. `attempt` says what the client was doing.
 */
export function toClientError(error: unknown, attempt: string): ClientError {
  if (error instanceof ClientError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const refusal = accessRefusal(cause);
  if (refusal !== undefined) return new ClientError('access_refused', `${attempt}: ${refusal}`, { cause });
  const causes = causesOf(cause);
  const refused = causes.find((one) => one instanceof ProtocolError);
  if (refused) {
    const code = codeByErrorName[refused.errorName] ?? 'broker_error';
    return new ClientError(code, `${attempt}: ${refused.message}`, { cause });
  }
  const known = causes.find((one) => one instanceof ClientError);
  if (known) return new ClientError(known.code, `${attempt}: ${known.message}`, { cause });
  const lost = causes.find((one) => one instanceof ConnectionLost);
  if (lost) return new ClientError('unreachable', `${attempt}: ${lost.message}`, { cause });
  return new ClientError('broker_error', `${attempt}: ${cause.message}`, { cause });
}

/** Returns true if the broker answered with one of these errors. */
export function isProtocolError(error: unknown, ...names: readonly ErrorName[]): boolean {
  return causesOf(error).some((cause) => cause instanceof ProtocolError && names.includes(cause.errorName));
}
