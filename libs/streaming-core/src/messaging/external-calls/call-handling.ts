import { resumeTrace, traceOf, type TraceCarrier } from '../../contract/index.ts';
import { doubled, pause, RetryLog, type DurationMs, type Clock } from '../../runtime/index.ts';
import { PersonalDataError } from '../../personal/index.ts';
import { SharedTransactionFailure, SharedTransactions } from '../../postgres/shared-transactions.ts';
import { isInfrastructureError } from '../consumer/consumer-error.ts';
import { type CallRow, ExternalCallError } from './external-call.ts';
import { reportCall, reportRecording, type CallReport } from './call-trace.ts';
import { DELETE_CALLS, POSTPONE_CALL } from './external-calls.sql.ts';
import { openPayload } from './sealed-payload.ts';
import { redactedError } from './redacted-error.ts';
import type { ExternalCallRequest, ExternalCallWorkerOptions } from './worker-options.ts';

/**
 * The number of attempts to record a result alone, after a first one that may share its
 * transaction.
 */
const completionAttemptsMax = 5;
/** The number of results that one transaction may record. */
const completionsMax = 50;
const transactionsConcurrentMax = 4;
const gatherMsMax = 200;
const completionDelayMsMin = 20;
const completionDelayMsMax = 500;
const lastErrorCharactersMax = 1_000;

interface CallHandlingOptions<Payload, Result> extends ExternalCallWorkerOptions<Payload, Result> {
  readonly callTimeoutMs: DurationMs;
  /** Called once a failed call can be claimed again after `delayMs`. */
  onPostponed(delayMs: DurationMs): void;
}

/**
 * Returns a function that makes a claimed call and records its result, or gives the call back. It
 * never rejects.
 */
export function createCallHandling<Payload, Result>(
  options: CallHandlingOptions<Payload, Result>,
): (row: CallRow, interruption: AbortSignal) => Promise<void> {
  const { database, kind, clock, logger, callTimeoutMs } = options;
  const { retryDelayMsMin = 100, retryDelayMsMax = 30_000, reportAfterAttempts = 10 } = options;
  const outages = new RetryLog({ clock, logger });
  const results = new SharedTransactions<Completion<Payload, Result>, void>({
    clock,
    transactionsConcurrentMax,
    gatherMsMax,
    weightMax: () => completionsMax,
    run: (completions) => recordAll(options, completions),
  });

  async function handle(row: CallRow, interruption: AbortSignal): Promise<void> {
    const { kind, key, attempts: attempt, metadata } = row;
    const report: CallReport = {
      kind,
      key,
      attempt,
      correlationId: metadata.correlationId,
      ...traceOf(metadata),
    };
    let opened: CallRow | undefined;
    try {
      const plain = await openPayload(row, options.holder);
      if (plain === 'erased') return await drop(row);
      opened = plain;
      await reportCall(report, () => callAndRecord(plain, report, interruption, plain !== row));
    } catch (error) {
      await giveBack(row, opened && toRequest<Payload>(opened), error);
    }
  }

  /** Nobody can make a call whose payload was erased. */
  async function drop({ id, key, attempts, metadata: { correlationId } }: CallRow): Promise<void> {
    await database.query(DELETE_CALLS, [[id], [attempts]]);
    logger.info(
      { kind, key, attempts, correlationId },
      'external call was dropped, because its personal data was erased',
    );
  }

  async function callAndRecord(
    row: CallRow,
    carrier: TraceCarrier,
    interruption: AbortSignal,
    isPersonal: boolean,
  ): Promise<void> {
    const { traceparent: _parent, tracestate: _state, ...metadata } = row.metadata;
    const request = toRequest<Payload>({ ...row, metadata: { ...metadata, ...traceOf(carrier) } });
    const limits = { clock, timeoutMs: callTimeoutMs, interruption };
    const result = await withDeadline(limits, (signal) =>
      outcomeOf(request, signal).catch((error: unknown) => {
        throw isPersonal && !isInfrastructureError(error) ? redactedError(error) : error;
      }),
    );
    await record({ row, carrier, request, result });
  }

  async function outcomeOf(request: ExternalCallRequest<Payload>, signal: AbortSignal): Promise<Result> {
    const known =
      request.attempt > 1 && options.query !== undefined
        ? await options.query(request, { signal })
        : 'unknown';
    return known === 'unknown' ? options.call(request, { signal }) : (known as Result);
  }

  /**
   * Repeats after a conflict in the database, because the result is known and must not cost another
   * call.
   */
  async function record(item: Completion<Payload, Result>): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        return void (await results.submit({ item, weight: 1, alone: attempt > 0 }));
      } catch (error) {
        if (attempt >= completionAttemptsMax || isLeaseLost(error)) throw error;
        if (!(error instanceof SharedTransactionFailure))
          await pause(clock, doubled(completionDelayMsMin, attempt, completionDelayMsMax));
      }
    }
  }

  async function giveBack(
    row: CallRow,
    /** Undefined if the payload could not be opened. */
    request: ExternalCallRequest<Payload> | undefined,
    error: unknown,
  ): Promise<void> {
    const interrupted = error instanceof ExternalCallError && error.code === 'call_interrupted';
    const retryInMs = interrupted ? 0 : doubled(retryDelayMsMin, row.attempts - 1, retryDelayMsMax);
    const { correlationId } = row.metadata;
    const fields = {
      kind,
      key: row.key,
      attempts: row.attempts,
      correlationId,
      ...(request !== undefined && options.logFields?.(request)),
    };
    if (isLeaseLost(error))
      return logger.warn({ ...fields, err: error }, 'external call was taken over by another worker');
    const message = 'external call failed and will be retried';
    // One cause may hit every call: the keys were lost, or they are those of another installation.
    if (isInfrastructureError(error) || error instanceof PersonalDataError)
      outages.failed(error, message, { ...fields, retryInMs });
    else
      logger[row.attempts >= reportAfterAttempts ? 'error' : 'warn'](
        { ...fields, err: error, retryInMs },
        message,
      );
    await database
      .query(POSTPONE_CALL, [
        row.id,
        row.attempts,
        retryInMs,
        String(error).slice(0, lastErrorCharactersMax).replaceAll('\0', ''),
      ])
      .then(() => options.onPostponed(retryInMs))
      .catch((cause: unknown) =>
        outages.failed(
          cause,
          'external call could not be given back; it is retried when its lease ends',
          fields,
        ),
      );
  }

  return handle;
}

interface Completion<Payload, Result> {
  readonly row: CallRow;
  readonly carrier: TraceCarrier;
  readonly request: ExternalCallRequest<Payload>;
  readonly result: Result;
}

const recordAll = <Payload, Result>(
  options: ExternalCallWorkerOptions<Payload, Result>,
  completions: readonly Completion<Payload, Result>[],
): Promise<readonly void[]> => {
  const report = { kind: options.kind, calls: completions.map(({ carrier }) => carrier) };
  return reportRecording(report, () => recordReported(options, completions));
};

/**
 * Locks the streams, deletes the calls and records each result in one transaction. The first round
 * trip locks and deletes, and shows whether a call was taken over; then nothing is recorded. The
 * second one records and commits.
 */
async function recordReported<Payload, Result>(
  { database, kind, complete, locks, lockStreams }: ExternalCallWorkerOptions<Payload, Result>,
  completions: readonly Completion<Payload, Result>[],
): Promise<readonly void[]> {
  await database.transaction(async (transaction) => {
    const streams = new Set(completions.flatMap(({ request }) => locks?.(request) ?? []));
    const locking = streams.size > 0 ? lockStreams?.(transaction, [...streams]) : undefined;
    const values = [completions.map(({ row }) => row.id), completions.map(({ row }) => row.attempts)];
    const deleting = transaction.query<{ id: string }>(DELETE_CALLS, values);
    await Promise.allSettled([locking, deleting]);
    await locking;
    const { rows } = await deleting;
    const lost = completions.find(({ row }) => !rows.some(({ id }) => id === row.id));
    if (lost !== undefined)
      throw new ExternalCallError(
        'lease_lost',
        `${kind} ${lost.row.key}: another worker has taken over the call`,
      );
    await transaction.lastUnitOfWork(async () => {
      for (const { carrier, request, result } of completions)
        await resumeTrace(carrier, () => complete(transaction, request, result));
    });
  });
  return [];
}

const isLeaseLost = (error: unknown): boolean =>
  error instanceof ExternalCallError && error.code === 'lease_lost';

const toRequest = <Payload>(row: CallRow): ExternalCallRequest<Payload> => ({
  kind: row.kind,
  key: row.key,
  payload: row.payload as Payload,
  metadata: row.metadata,
  attempt: row.attempts,
  requestedAt: row.created_at,
});

interface CallLimits {
  readonly clock: Clock;
  readonly timeoutMs: DurationMs;
  /** Aborts the call when its worker stops. */
  readonly interruption: AbortSignal;
}

/**
 * Settles as `call` does, but rejects when the time is up or the call is interrupted, even if
 * `call` ignores its signal. After such a rejection the outcome in the outside system is unknown.
 */
export async function withDeadline<Result>(
  limits: CallLimits,
  call: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { clock, timeoutMs, interruption } = limits;
  const interrupted = new ExternalCallError('call_interrupted', 'the worker stopped before the call ended');
  if (interruption.aborted) throw interrupted;
  const controller = new AbortController();
  const interrupt = () => controller.abort(interrupted);
  const expire = () =>
    controller.abort(new ExternalCallError('call_timed_out', `no answer within ${timeoutMs} ms`));
  interruption.addEventListener('abort', interrupt);
  const cancel = clock.after(timeoutMs, expire);
  try {
    return await Promise.race([givenUp(controller.signal), call(controller.signal)]);
  } finally {
    cancel();
    interruption.removeEventListener('abort', interrupt);
  }
}

const givenUp = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
