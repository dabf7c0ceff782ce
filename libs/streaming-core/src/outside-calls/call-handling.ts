import { pause } from '../contract/index.ts';
import { unitOfWork, type SqlRow, type SqlTransaction } from '../postgres/index.ts';
import { withDeadline } from './call-deadline.ts';
import { OutsideCallError } from './outside-call-error.ts';
import { DELETE_CALL, POSTPONE_CALL } from './outside-calls.sql.ts';
import { doubled } from './polling.ts';
import type { OutsideCallMetadata } from './request.ts';
import type { OutsideCallRequest, OutsideCallWorkerOptions } from './worker-options.ts';

export interface CallRow extends SqlRow {
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

/** What becomes of a claimed call: its result is recorded, or it is given back. Never rejects. */
export function createCallHandling<Payload, Result>(
  options: OutsideCallWorkerOptions<Payload, Result> & { readonly callTimeoutMs: number },
): (row: CallRow, interruption: AbortSignal) => Promise<void> {
  const { database, kind, clock, logger, callTimeoutMs } = options;
  const { retryDelayMsMin = 100, retryDelayMsMax = 30_000, reportAfterAttempts = 10 } = options;

  async function handle(row: CallRow, interruption: AbortSignal): Promise<void> {
    const request = toRequest<Payload>(row);
    try {
      const limits = { clock, timeoutMs: callTimeoutMs, interruption };
      await record(row, request, await withDeadline(limits, (signal) => outcomeOf(request, signal)));
    } catch (error) {
      await giveBack(row, request, error);
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
          await unitOfWork(transaction, () => options.complete(transaction, request, result));
          await deleteCall(transaction, row);
        });
      } catch (error) {
        if (attempt >= completionAttemptsMax || isLeaseLost(error)) throw error;
        await pause(clock, doubled(completionDelayMsMin, attempt - 1, completionDelayMsMax));
      }
    }
  }

  async function giveBack(row: CallRow, request: OutsideCallRequest<Payload>, error: unknown): Promise<void> {
    const interrupted = error instanceof OutsideCallError && error.code === 'call_interrupted';
    const retryInMs = interrupted ? 0 : doubled(retryDelayMsMin, row.attempts - 1, retryDelayMsMax);
    const { correlationId } = row.metadata;
    const fields = { err: error, kind, key: row.key, attempts: row.attempts, correlationId, ...options.logFields?.(request) };
    if (isLeaseLost(error)) return logger.warn(fields, 'outside call was taken over by another worker');
    logger[row.attempts >= reportAfterAttempts ? 'error' : 'warn']({ ...fields, retryInMs }, 'outside call failed and will be retried');
    await database
      .query(POSTPONE_CALL, [row.id, row.attempts, retryInMs, String(error).slice(0, lastErrorCharactersMax).replaceAll('\0', '')])
      .catch((cause: unknown) => logger.warn({ ...fields, err: cause }, 'outside call could not be given back: its lease has to end'));
  }

  return handle;
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
