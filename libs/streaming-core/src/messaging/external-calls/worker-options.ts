import type { Clock, DurationMs, Logger } from '../../runtime/index.ts';
import type { Holder } from '../../personal/index.ts';
import type { SqlDatabase, SqlTransaction } from '../../postgres/index.ts';
import type { LockStreams } from '../consumer/message-handler.ts';
import type { ExternalCall } from './request.ts';

export interface ExternalCallRequest<Payload> extends Omit<ExternalCall<Payload>, 'subject'> {
  /** 1 for the first attempt. From 2 on an earlier attempt may have reached the outside system. */
  readonly attempt: number;
  readonly requestedAt: Date;
}

export interface ExternalCallWorkerOptions<Payload, Result> {
  readonly database: SqlDatabase;
  readonly kind: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Opens payloads that are sealed. Required if a request of this kind names a subject. */
  readonly holder?: Holder;
  /**
   * Returns fields that log lines about the call carry in addition to its kind and key, such as an
   * order id.
   */
  logFields?(request: ExternalCallRequest<Payload>): Readonly<Record<string, unknown>>;
  /**
   * Makes the call with `request.key`, outside any transaction. Every decision of the outside
   * system is a `Result`, including a refusal. An error means that the outcome is unknown or that
   * the failure is temporary, so the call is repeated. Of an error of a call about a subject, logs
   * and `last_error` have only class, code and status (`status`, `statusCode` or `responseCode`).
   */
  call(request: ExternalCallRequest<Payload>, context: { readonly signal: AbortSignal }): Promise<Result>;
  /**
   * Asks for the outcome of an earlier attempt before the call is repeated. Resolves to `unknown`
   * if the outside system has never seen the key.
   */
  query?(
    request: ExternalCallRequest<Payload>,
    context: { readonly signal: AbortSignal },
  ): Promise<Result | 'unknown'>;
  /**
   * Returns the streams that `complete` reads or writes. `lockStreams` locks those of all results
   * of a transaction before the first one is recorded.
   */
  locks?(request: ExternalCallRequest<Payload>): readonly string[];
  readonly lockStreams?: LockStreams;
  /**
   * Records the result in the transaction that deletes the call. Results that arrive together share
   * one transaction. It may run more than once, but commits once. It must do no other I/O.
   */
  complete(
    transaction: SqlTransaction,
    request: ExternalCallRequest<Payload>,
    result: Result,
  ): Promise<unknown>;
  /** The number of concurrent calls. */
  readonly concurrency?: number;
  /** The timeout for the query and the call together. */
  readonly callTimeoutMs?: DurationMs;
  /**
   * The time that a worker has for a claimed call. It must be longer than `callTimeoutMs`, because
   * the completion follows the call.
   */
  readonly leaseMs?: DurationMs;
  readonly retryDelayMsMin?: DurationMs;
  readonly retryDelayMsMax?: DurationMs;
  /** From this attempt on, a failure is logged as an error instead of a warning. */
  readonly reportAfterAttempts?: number;
  /** The time that `stop` gives to calls in flight before it interrupts them. */
  readonly drainMsMax?: DurationMs;
  /**
   * The longest pause of the worker, for calls that it is not notified of: those of processes that
   * died, and those of other processes whose hint was lost.
   */
  readonly idleMsMax?: DurationMs;
}
