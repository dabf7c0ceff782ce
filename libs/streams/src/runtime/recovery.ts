import { ClientError } from '@millrace/streaming-core/client';
import { doubled, minutes, type Clock, type DurationMs } from '@millrace/streaming-core/runtime';
import { StreamsError } from './streams-error.ts';

/**
 * The ways to continue after a failure, once the open work of all tasks has been given up:
 *
 * - `replay`: the tasks restore the changelog records that their files lack, and continue from the
 *   committed offsets. This is also the answer to a commit of unknown outcome, because the log
 *   shows whether it happened.
 * - `rejoin`: other members have the partitions, so the process joins its group again.
 * - `uncaught`: the application decides, because the same failure would happen again.
 */
export type Recovery = 'replay' | 'rejoin' | 'uncaught';

/**
 * Codes that are fatal for the call, but not for the work, which is repeated from the last commit.
 */
const replayed: ReadonlySet<string> = new Set(['outcome_unknown', 'transaction_over', 'aborted']);

export function recoveryOf(error: unknown): Recovery {
  if (!(error instanceof ClientError)) return 'uncaught';
  const { kind, code } = error;
  if (kind === 'fenced') return 'rejoin';
  // The cause of a failed transaction decides whether the same records would make it fail again.
  if (code === 'transaction_failed' && error.cause instanceof ClientError) return recoveryOf(error.cause);
  return kind === 'retriable' || kind === 'abortable' || replayed.has(code) ? 'replay' : 'uncaught';
}

const refusals: ReadonlySet<string> = new Set(['record_invalid', 'record_too_large']);

/** Whether the producer refused a record, and sent no record of the call. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof ClientError && refusals.has(error.code);

const restartsMax = 10;
const withinMs = minutes(10);
const delayMsMin = 100;
const delayMsMax = 30_000;

/** Limits how often the loop is restarted after errors, and spaces the attempts. */
export class RestartBudget {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #restartsAtMs: readonly number[] = [];

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /**
   * Returns how long to wait before the next attempt. The wait doubles with each failure of the
   * last 10 minutes. After 10 of them it throws `restarts_exhausted`, with the error as its cause.
   */
  next(error: unknown): DurationMs {
    const nowMs = this.#clock.monotonic();
    const recent = this.#restartsAtMs.filter((atMs) => nowMs - atMs < withinMs);
    if (recent.length >= restartsMax)
      throw new StreamsError(
        'restarts_exhausted',
        `the application was restarted ${restartsMax} times within 10 minutes: ` +
          (error instanceof Error ? error.message : String(error)),
        { cause: error },
      );
    this.#restartsAtMs = recent.concat(nowMs);
    return doubled(delayMsMin, recent.length, delayMsMax);
  }
}
