import type { DurationMs } from '@millrace/streaming-core/runtime';
import type { StoreOptions } from './stores.ts';

export interface SuppressedOptions extends Pick<StoreOptions, 'logging' | 'logConfigs'> {
  /** The name of the processor. Its store gets the suffix `-store`. */
  readonly name?: string;
  /**
   * The largest number of keys that may wait. By default only the application's `suppressBytesMax`
   * limits them.
   */
  readonly recordsMax?: number;
  /**
   * The largest number of bytes that waiting keys and values may take. The default is that of
   * `recordsMax`.
   */
  readonly bytesMax?: number;
}

export interface TimeLimitOptions extends SuppressedOptions {
  /**
   * What a full buffer does. It emits the oldest updates early (the default), or it throws, which
   * stops the application.
   */
  readonly whenFull?: 'emit_early' | 'shut_down';
}

/** Which updates of a table `suppress` holds back, and for how long (KIP-328). */
export type Suppressed =
  | { readonly until: 'window_closes'; readonly options: SuppressedOptions }
  | { readonly until: 'time_limit'; readonly waitMs: DurationMs; readonly options: TimeLimitOptions };

/**
 * Emits one final result per window, when the window closes. A full buffer throws, since an early
 * result would not be final.
 */
export const untilWindowCloses = (options: SuppressedOptions = {}): Suppressed => {
  requireLimits(options);
  return Object.freeze({ until: 'window_closes', options });
};

/**
 * Emits the last update of a key once the records' time has advanced by `waitMs` since the first.
 */
export function untilTimeLimit(waitMs: DurationMs, options: TimeLimitOptions = {}): Suppressed {
  if (!Number.isSafeInteger(waitMs) || waitMs < 0) {
    throw new RangeError(
      `The time limit of suppress is ${waitMs} ms, but it must be a whole number, 0 or more`,
    );
  }
  requireLimits(options);
  return Object.freeze({ until: 'time_limit', waitMs, options });
}

function requireLimits({ recordsMax, bytesMax }: SuppressedOptions): void {
  for (const [name, limit] of Object.entries({ recordsMax, bytesMax })) {
    if (limit === undefined || (Number.isSafeInteger(limit) && limit >= 0)) continue;
    throw new RangeError(`The ${name} of suppress is ${limit}, but it must be a whole number, 0 or more`);
  }
}
