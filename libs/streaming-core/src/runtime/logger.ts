import { type Clock, minutes, seconds, type DurationMs } from './clock.ts';

/** The arguments are in pino's order: fields first, then one sentence. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const ignore = () => undefined;

/** A logger that drops every line. */
export const silentLogger: Logger = Object.freeze({
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
});

export interface RetryLogOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly level?: 'warn' | 'error';
  readonly remindMsMin?: DurationMs;
  readonly remindMsMax?: DurationMs;
  /** After this long without a failure, the next one counts as the first again. */
  readonly quietMs?: DurationMs;
}

/** The number of kinds of failure that one log distinguishes. All others count as one kind. */
const kindsMax = 10;

interface Reminder {
  at: number;
  spanMs: DurationMs;
}

/**
 * The log lines of a loop that retries: the first failure of a kind at once and with its stack, the
 * same kind again at growing intervals with its reason and a count, and the recovery. A kind is a
 * message and a code. Every failure is logged with its stack at `debug`.
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

  /** Logs the recovery if there was a failure before it. */
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
