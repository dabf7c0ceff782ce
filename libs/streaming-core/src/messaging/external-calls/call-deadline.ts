import type { Clock, DurationMs } from '../../runtime/index.ts';
import { ExternalCallError } from './external-call-error.ts';

export interface CallLimits {
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
