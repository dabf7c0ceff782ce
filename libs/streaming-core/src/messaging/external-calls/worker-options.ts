import type { Clock, DurationMs, Logger } from '../../runtime/index.ts';
import type { SqlDatabase, SqlTransaction } from '../../postgres/index.ts';
import type { LockStreams } from '../consumer/types.ts';
import type { ExternalCall } from './request.ts';

/** A call as its worker sees it. */
export interface ExternalCallRequest<Payload> extends ExternalCall<Payload> {
  /** 1 for the first. From 2 on an earlier attempt may have reached the outside system. */
  readonly attempt: number;
  readonly requestedAt: Date;
}

export interface ExternalCallWorkerOptions<Payload, Result> {
  readonly database: SqlDatabase;
  readonly kind: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What a log line about a call says beside its kind and key: whose it is. */
  logFields?(request: ExternalCallRequest<Payload>): Readonly<Record<string, unknown>>;
  /**
   * Makes the call with `request.key`, outside any transaction. Whatever the outside system decides is a `Result`, its refusal too; an
   * error means that the outcome is unknown or the trouble temporary, and the call is repeated.
   */
  call(request: ExternalCallRequest<Payload>, context: { readonly signal: AbortSignal }): Promise<Result>;
  /** Asked before a call is repeated: what became of the key, or `unknown` when the outside system has never seen it. */
  query?(
    request: ExternalCallRequest<Payload>,
    context: { readonly signal: AbortSignal },
  ): Promise<Result | 'unknown'>;
  /** Streams that recording the result reads or writes: locked by `lockStreams` for all results of a transaction, before the first is recorded. */
  locks?(request: ExternalCallRequest<Payload>): readonly string[];
  readonly lockStreams?: LockStreams;
  /**
   * Records the result, in the transaction that forgets the call, which results that come together share. May run more than once, commits
   * once. No other I/O.
   */
  complete(
    transaction: SqlTransaction,
    request: ExternalCallRequest<Payload>,
    result: Result,
  ): Promise<unknown>;
  /** Calls in flight at a time. */
  readonly concurrency?: number;
  /** For the query and the call together. */
  readonly callTimeoutMs?: DurationMs;
  /** How long a claimed call is left to its worker; longer than `callTimeoutMs`, since the completion comes after the call. */
  readonly leaseMs?: DurationMs;
  readonly retryDelayMsMin?: DurationMs;
  readonly retryDelayMsMax?: DurationMs;
  /** From this attempt on a failure is logged as an error, no longer as a warning. */
  readonly reportAfterAttempts?: number;
  /** What `stop` grants the calls in flight before it interrupts them. */
  readonly drainMsMax?: DurationMs;
  readonly idleMsMax?: DurationMs;
}
