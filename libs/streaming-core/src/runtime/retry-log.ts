import type { Clock } from './clock.ts';
import { minutes, seconds, type DurationMs } from './duration.ts';
import type { Logger } from './logger.ts';

export interface RetryLogOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly level?: 'warn' | 'error';
  readonly remindMsMin?: DurationMs;
  readonly remindMsMax?: DurationMs;
  /** So long without a failure, and the next one counts as the first again. */
  readonly quietMs?: DurationMs;
}

/**
 * What a loop says about something that it retries: the first failure at once, the same one again at growing intervals, and that it is over. Reason
 * and code only; every failure with its stack is there at `debug`.
 */
export class RetryLog {
  readonly #options: Required<RetryLogOptions>;
  #kind = '';
  #failures = 0;
  #since = 0;
  #last = 0;
  #remindAt = 0;
  #remindMs = 0;

  constructor(options: RetryLogOptions) {
    this.#options = {
      level: 'warn',
      remindMsMin: seconds(10),
      remindMsMax: minutes(5),
      quietMs: minutes(2),
      ...options,
    };
  }

  failed(error: unknown, message: string, fields: object = {}): void {
    const { clock, logger, level, remindMsMin, remindMsMax, quietMs } = this.#options;
    const now = clock.monotonic();
    const code = codeOf(error);
    logger.debug({ ...fields, err: error }, message);
    if (this.#failures === 0 || now - this.#last > quietMs) this.#begin(now);
    this.#failures += 1;
    this.#last = now;
    const kind = `${code ?? ''} ${message}`;
    if (kind === this.#kind && now < this.#remindAt) return;
    this.#remindMs = kind === this.#kind ? Math.min(this.#remindMs * 2, remindMsMax) : remindMsMin;
    this.#kind = kind;
    this.#remindAt = now + this.#remindMs;
    const reason = error instanceof Error ? error.message : String(error);
    logger[level](
      { ...fields, reason, code, failures: this.#failures, forMs: Math.round(now - this.#since) },
      message,
    );
  }

  #begin(now: number): void {
    this.#failures = 0;
    this.#since = now;
    this.#kind = '';
  }

  /** Says so only after a failure. */
  recovered(message: string, fields: object = {}): void {
    if (this.#failures === 0) return;
    const { clock, logger } = this.#options;
    logger.info(
      { ...fields, failures: this.#failures, forMs: Math.round(clock.monotonic() - this.#since) },
      message,
    );
    this.#failures = 0;
  }
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
