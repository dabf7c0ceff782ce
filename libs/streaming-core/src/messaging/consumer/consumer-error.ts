import { CodedError, type errors } from '../../runtime/errors.ts';
import { ClientError } from '../../client/index.ts';
import { PersonalDataError } from '../../personal/index.ts';

export type ConsumerErrorCode = keyof typeof errors.consumer;

/** The consumer cannot handle a message or cannot run. `code` says why. */
export class ConsumerError extends CodedError<ConsumerErrorCode> {
  override readonly name: string = 'ConsumerError';
}

/**
 * A handler throws this error if no retry can help. The message becomes a dead letter at once, with
 * this error as its reason.
 */
export class TerminalError extends ConsumerError {
  override readonly name = 'TerminalError';

  constructor(message: string, options?: ErrorOptions) {
    super('terminal', message, options);
  }
}

/**
 * A handler throws this error if its process cannot handle the message and the message is not at
 * fault. The partition is then blocked: its batch is retried without limit, no part of it is
 * committed, and none of its messages becomes a dead letter, until this or another process can
 * handle it.
 */
export class BlockedError extends ConsumerError {
  override readonly name = 'BlockedError';

  constructor(message: string, options?: ErrorOptions) {
    super('blocked', message, options);
  }
}

/**
 * The assignment epoch has changed, because another member owns the partition. The transaction
 * was rolled back.
 */
export class FencedError extends ConsumerError {
  override readonly name = 'FencedError';

  constructor(message: string, options?: ErrorOptions) {
    super('fenced', message, options);
  }
}

/**
 * Connection (08), resources (53), system (58), shutdown and cancellation (57), serialisation
 * failures and deadlocks, lock timeouts and transaction timeouts, and a prepared statement that the
 * server behind a pooler does not know (26000).
 */
const sqlState = /^(08...|26000|53...|58...|57P0[1-5]|57014|40001|40P01|55P03|25P0[34])$/;

const network = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** Messages of node-postgres errors that have no code. */
const connection =
  /connection terminated|query read timeout|timeout exceeded when trying to connect|connection timeout|has encountered a connection error|client was closed|after calling end on the pool/i;

const causesMax = 10;

/**
 * Whether the message that was being handled is not at fault, judging by an error or one of its
 * causes.
 */
export function isInfrastructureError(error: unknown): boolean {
  return causedBy(error, (cause) => {
    const code = codeOf(cause);
    if (code === undefined) return connection.test(cause.message);
    if (cause instanceof ClientError) return cause.kind === 'retriable';
    if (cause instanceof PersonalDataError) return cause.code === 'keys_unavailable';
    return blocks(cause) || sqlState.test(code) || network.has(code);
  });
}

/** Whether a handler has said that this process cannot handle the message. */
export const isBlocked = (error: unknown): boolean => causedBy(error, blocks);

const blocks = (cause: Error): boolean => cause instanceof BlockedError;

function causedBy(error: unknown, matches: (cause: Error) => boolean): boolean {
  for (
    let cause = error, depth = 0;
    cause instanceof Error && depth < causesMax;
    cause = cause.cause, depth += 1
  )
    if (matches(cause)) return true;
  return false;
}

export const isTransactionTimeout = (error: unknown): boolean =>
  error instanceof Error && codeOf(error) === '25P04';

const codeOf = (error: Error): string | undefined =>
  'code' in error && typeof error.code === 'string' ? error.code : undefined;
