import { doubled, pause, RetryLog, type Clock, type Logger } from '@millrace/streaming-core/runtime';
import { ClientError } from '@millrace/streaming-core/client';
import { RetriableConnectError } from '../plugin/connect-error.ts';

const firstDelayMs = 300;
const delayMsMax = 30_000;

export interface Retrying {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The name in log lines, such as `connector orders, task 0`. */
  readonly name: string;
}

/** Tells whether the same work may succeed later. That includes a transaction that the log has aborted. */
const passes = (error: unknown): boolean =>
  error instanceof RetriableConnectError ||
  (error instanceof ClientError && (error.kind === 'retriable' || error.kind === 'abortable'));

/**
 * Repeats the work, with growing pauses, as long as it fails for a temporary reason and the signal is not
 * aborted.
 */
export async function retried<Result>(
  { clock, logger, name }: Retrying,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const log = new RetryLog({ clock, logger });
  for (let failures = 0; ; failures += 1) {
    try {
      const result = await work();
      log.recovered(`${name} works again`);
      return result;
    } catch (error) {
      if (!passes(error) || signal.aborted) throw error;
      log.failed(error, `${name} is interrupted and will be retried`);
      await pause(clock, doubled(firstDelayMs, failures, delayMsMax), signal);
      if (signal.aborted) throw error;
    }
  }
}
