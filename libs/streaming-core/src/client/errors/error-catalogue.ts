import type { ErrorName } from '../../protocol/errors.ts';
import type { errors } from '../../runtime/errors.ts';

export type ClientErrorCode = keyof typeof errors.client;

/**
 * The kind of an error says what a caller can do about it, as in Kafka's Java client (KIP-1050):
 *
 * - `retriable`: the same call may succeed later. The broker may have carried it out already,
 *   unless the description of the error says otherwise.
 * - `abortable`: abort the transaction and repeat its work in another one.
 * - `fenced`: another process or a later generation has taken over. Do not repeat the call.
 * - `fatal`: the call fails until its arguments, the settings or the cluster have changed.
 */
export type ClientErrorKind = 'retriable' | 'abortable' | 'fenced' | 'fatal';

const kindByCode: Readonly<Record<Exclude<ClientErrorCode, 'broker_error'>, ClientErrorKind>> = {
  unreachable: 'retriable',
  access_refused: 'fatal',
  unknown_topic: 'retriable',
  topic_exists: 'fatal',
  topic_mismatch: 'fatal',
  topic_recreated: 'fatal',
  record_invalid: 'fatal',
  record_too_large: 'fatal',
  queue_full: 'retriable',
  settings_refused: 'fatal',
  offset_out_of_range: 'fatal',
  not_member: 'fenced',
  fenced_instance: 'fenced',
  fenced: 'fenced',
  transaction_failed: 'abortable',
  transaction_over: 'fatal',
  outcome_unknown: 'fatal',
  unknown_group: 'fatal',
  group_in_use: 'fatal',
  group_mismatch: 'fatal',
  argument_invalid: 'fatal',
  replication_factor: 'fatal',
  timeout: 'retriable',
  aborted: 'fatal',
  closed: 'fatal',
};

/** The broker's errors that have a code of their own. The others become `broker_error`. */
const codeByErrorName: Readonly<Partial<Record<ErrorName, Exclude<ClientErrorCode, 'broker_error'>>>> = {
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
  INCONSISTENT_GROUP_PROTOCOL: 'group_mismatch',
  GROUP_SUBSCRIBED_TO_TOPIC: 'group_in_use',
  ILLEGAL_GENERATION: 'not_member',
  UNKNOWN_MEMBER_ID: 'not_member',
  REBALANCE_IN_PROGRESS: 'not_member',
  FENCED_INSTANCE_ID: 'fenced_instance',
  REQUEST_TIMED_OUT: 'timeout',
};

/** The errors that become `broker_error`, but after which the same request may succeed later. */
const otherRetriable: ReadonlySet<ErrorName> = new Set([
  'REPLICA_NOT_AVAILABLE',
  'NETWORK_EXCEPTION',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'KAFKA_STORAGE_ERROR',
  'FETCH_SESSION_ID_NOT_FOUND',
  'INVALID_FETCH_SESSION_EPOCH',
  'FETCH_SESSION_TOPIC_ID_ERROR',
  'LISTENER_NOT_FOUND',
  'OFFSET_NOT_AVAILABLE',
  'PREFERRED_LEADER_NOT_AVAILABLE',
  'ELIGIBLE_LEADERS_NOT_AVAILABLE',
  'THROTTLING_QUOTA_EXCEEDED',
  'SHARE_SESSION_NOT_FOUND',
  'INVALID_SHARE_SESSION_EPOCH',
  'SHARE_SESSION_LIMIT_REACHED',
]);

export const codeOfErrorName = (name: ErrorName): ClientErrorCode => codeByErrorName[name] ?? 'broker_error';

/** The kind depends on the code alone, except for `broker_error`. */
export function kindOf(code: ClientErrorCode, name: ErrorName | undefined): ClientErrorKind {
  if (code !== 'broker_error') return kindByCode[code];
  return name !== undefined && isRetriable(name) ? 'retriable' : 'fatal';
}

/** Returns true if the request that the broker answered with this error may succeed later. */
export function isRetriable(name: ErrorName): boolean {
  const code = codeByErrorName[name];
  return code === undefined ? otherRetriable.has(name) : kindByCode[code] === 'retriable';
}
