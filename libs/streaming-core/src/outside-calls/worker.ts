import { pause, type Clock, type DurationMs } from '../contract/index.ts';
import type { Logger, SqlDatabase, SqlRow, SqlTransaction } from '../postgres/index.ts';
import { withDeadline } from './call-deadline.ts';
import { OutsideCallError } from './outside-call-error.ts';
import { CLAIM_CALLS, DELETE_CALL, POSTPONE_CALL } from './outside-calls.sql.ts';
import { createPolling, doubled, type Polling } from './polling.ts';
import type { OutsideCall, OutsideCallMetadata } from './request.ts';

/** A call as its worker sees it. */
export interface OutsideCallRequest<Payload> extends OutsideCall<Payload> {
  /** 1 for the first. From 2 on an earlier attempt may have reached the outside system. */
  readonly attempt: number;
  readonly requestedAt: Date;
}

export interface OutsideCallWorkerOptions<Payload, Result> {
  readonly database: SqlDatabase;
  readonly kind: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * Makes the call with `request.key`, outside any transaction. Whatever the outside system decides is a `Result`, its refusal too; an
   * error means that the outcome is unknown or the trouble temporary, and the call is repeated.
   */
  call(request: OutsideCallRequest<Payload>, context: { readonly signal: AbortSignal }): Promise<Result>;
  /** Asked before a call is repeated: what became of the key, or `unknown` when the outside system has never seen it. */
  query?(request: OutsideCallRequest<Payload>, context: { readonly signal: AbortSignal }): Promise<Result | 'unknown'>;
  /** Records the result, in the transaction that forgets the call. May run more than once, commits once. No other I/O. */
  complete(transaction: SqlTransaction, request: OutsideCallRequest<Payload>, result: Result): Promise<void>;
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

/** `stop` resolves when no call is in flight: those that did not end in time are given back and will be queried. */
export type OutsideCallWorker = Polling;

interface CallRow extends SqlRow {
  readonly id: string;
  readonly kind: string;
  readonly key: string;
  readonly payload: unknown;
  readonly metadata: OutsideCallMetadata;
  readonly attempts: number;
  readonly created_at: Date;
}

const completionAttemptsMax = 5;
const completionDelayMsMin = 20;
const completionDelayMsMax = 500;
const lastErrorCharactersMax = 1_000;

/**
 * Intent, call, result (DESIGN 3.2): claims the calls of one kind, makes each outside any transaction, and records its result in the one
 * transaction that deletes it. A worker that dies leaves its calls to whoever is there when their leases end; the call is then queried
 * and, if unknown, made again with the same key. A worker whose call was taken over records nothing. Calls do not wait for each other.
 */
export function createOutsideCallWorker<Payload, Result>(options: OutsideCallWorkerOptions<Payload, Result>): OutsideCallWorker {
  const { database, kind, clock, logger, concurrency = 8, callTimeoutMs = 10_000, leaseMs = callTimeoutMs + 5_000 } = options;
  const { retryDelayMsMin = 100, retryDelayMsMax = 30_000, reportAfterAttempts = 10, drainMsMax = 5_000, idleMsMax } = options;
  if (leaseMs <= callTimeoutMs)
    throw new OutsideCallError('invalid_settings', `${kind}: leaseMs (${leaseMs}) has to be longer than callTimeoutMs (${callTimeoutMs})`);
  const inFlight = new Set<Promise<void>>();
  let interruption = new AbortController();
  const polling = createPolling(claim, { clock, logger, name: `outside calls ${kind}`, idleMsMax });

  async function claim(): Promise<boolean> {
    const free = concurrency - inFlight.size;
    if (free === 0) return false;
    const { rows } = await database.query<CallRow>(CLAIM_CALLS, [kind, leaseMs, free]);
    for (const row of rows) track(handle(row));
    return rows.length > 0;
  }

  function track(handling: Promise<void>): void {
    const tracked = handling.finally(() => {
      inFlight.delete(tracked);
      polling.notify();
    });
    inFlight.add(tracked);
  }

  async function handle(row: CallRow): Promise<void> {
    const request = toRequest<Payload>(row);
    try {
      const limits = { clock, timeoutMs: callTimeoutMs, interruption: interruption.signal };
      await record(row, request, await withDeadline(limits, (signal) => outcomeOf(request, signal)));
    } catch (error) {
      await giveBack(row, error);
    }
  }

  async function outcomeOf(request: OutsideCallRequest<Payload>, signal: AbortSignal): Promise<Result> {
    const known = request.attempt > 1 && options.query !== undefined ? await options.query(request, { signal }) : 'unknown';
    return known === 'unknown' ? options.call(request, { signal }) : (known as Result);
  }

  /** The result is known: a conflict in the database must not cost another call. */
  async function record(row: CallRow, request: OutsideCallRequest<Payload>, result: Result): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await database.transaction(async (transaction) => {
          await options.complete(transaction, request, result);
          await deleteCall(transaction, row);
        });
      } catch (error) {
        if (attempt >= completionAttemptsMax || isLeaseLost(error)) throw error;
        await pause(clock, doubled(completionDelayMsMin, attempt - 1, completionDelayMsMax));
      }
    }
  }

  async function giveBack(row: CallRow, error: unknown): Promise<void> {
    const interrupted = error instanceof OutsideCallError && error.code === 'call_interrupted';
    const retryInMs = interrupted ? 0 : doubled(retryDelayMsMin, row.attempts - 1, retryDelayMsMax);
    const fields = { err: error, kind, key: row.key, attempts: row.attempts, correlationId: row.metadata.correlationId };
    if (isLeaseLost(error)) return logger.warn(fields, 'outside call was taken over by another worker');
    logger[row.attempts >= reportAfterAttempts ? 'error' : 'warn']({ ...fields, retryInMs }, 'outside call failed and will be retried');
    await database
      .query(POSTPONE_CALL, [row.id, row.attempts, retryInMs, String(error).slice(0, lastErrorCharactersMax).replaceAll('\0', '')])
      .catch((cause: unknown) => logger.warn({ ...fields, err: cause }, 'outside call could not be given back: its lease has to end'));
  }

  return {
    start() {
      if (interruption.signal.aborted) interruption = new AbortController();
      polling.start();
    },
    async stop() {
      await polling.stop();
      const interrupting = interruption;
      const cancel = clock.after(drainMsMax, () => interrupting.abort());
      await Promise.all(inFlight);
      cancel();
    },
    notify: polling.notify,
  };
}

async function deleteCall(transaction: SqlTransaction, row: CallRow): Promise<void> {
  const { rowCount } = await transaction.query(DELETE_CALL, [row.id, row.attempts]);
  if (rowCount === 0) throw new OutsideCallError('lease_lost', `${row.kind} ${row.key}: another worker has taken the call over`);
}

const isLeaseLost = (error: unknown): boolean => error instanceof OutsideCallError && error.code === 'lease_lost';

const toRequest = <Payload>(row: CallRow): OutsideCallRequest<Payload> => ({
  kind: row.kind,
  key: row.key,
  payload: row.payload as Payload,
  metadata: row.metadata,
  attempt: row.attempts,
  requestedAt: row.created_at,
});
