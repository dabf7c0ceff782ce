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

/** Kinds of failure that one log tells apart; those beyond are told as one. */
const kindsMax = 10;

interface Reminder {
  at: number;
  spanMs: DurationMs;
}

/**
 * What a loop says about something that it retries: the first failure of a kind at once and with its stack, the same one again at growing
 * intervals, by its reason and a count, and that it is over. A kind is a message and a code. Every failure with its stack is there at `debug`.
 */
export class RetryLog {
  readonly #options: Required<RetryLogOptions>;
  readonly #reminders = new Map<string, Reminder>();
  #failures = 0;
  #since = 0;
  #last = 0;

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
    const { clock, logger, level, quietMs } = this.#options;
    const now = clock.monotonic();
    const code = codeOf(error);
    logger.debug({ ...fields, err: error }, message);
    if (this.#failures === 0 || now - this.#last > quietMs) this.#begin(now);
    this.#failures += 1;
    this.#last = now;
    const turn = this.#turnOf(`${code ?? ''} ${message}`, now);
    if (turn === 'silent') return;
    const reason = error instanceof Error ? error.message : String(error);
    const counted = { reason, code, failures: this.#failures, forMs: Math.round(now - this.#since) };
    logger[level]({ ...fields, ...counted, ...(turn === 'first' && { err: error }) }, message);
  }

  /** Says so only after a failure. */
  recovered(message: string, fields: object = {}): void {
    if (this.#failures === 0) return;
    const { clock, logger } = this.#options;
    const forMs = Math.round(clock.monotonic() - this.#since);
    const count = `${this.#failures} failed attempt${this.#failures === 1 ? '' : 's'}`;
    logger.info(
      { ...fields, failures: this.#failures, forMs },
      `${message} after ${inSeconds(forMs)} and ${count}`,
    );
    this.#failures = 0;
  }

  #begin(now: number): void {
    this.#failures = 0;
    this.#since = now;
    this.#reminders.clear();
  }

  #turnOf(wanted: string, now: number): 'first' | 'reminder' | 'silent' {
    const { remindMsMin, remindMsMax } = this.#options;
    const kind = this.#reminders.has(wanted) || this.#reminders.size < kindsMax ? wanted : 'others';
    const known = this.#reminders.get(kind);
    if (known !== undefined && now < known.at) return 'silent';
    const spanMs = known === undefined ? remindMsMin : Math.min(known.spanMs * 2, remindMsMax);
    this.#reminders.set(kind, { at: now + spanMs, spanMs });
    return known === undefined ? 'first' : 'reminder';
  }
}

/** `0.3 s`, `20 s`. */
const inSeconds = (spanMs: number): string =>
  `${Number((spanMs / 1_000).toFixed(spanMs < 10_000 ? 1 : 0))} s`;

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
