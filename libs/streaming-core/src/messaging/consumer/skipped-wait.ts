import type { Clock, DurationMs } from '../../runtime/index.ts';
import type { Decoded } from './decode.ts';

export interface SkippedWaitOptions {
  readonly clock: Clock;
  readonly waitMsMax: DurationMs;
  /** Called when the wait has ended without a record that has a handler. */
  readonly onEnd: () => void;
}

/**
 * Lets a partition's records without a handler wait for a record with one, whose transaction then
 * moves the offset past all of them. The wait is bounded from the first of these records on.
 */
export class SkippedWait {
  readonly #options: SkippedWaitOptions;
  /** The records below this offset wait. */
  #below = -1n;
  #cancel: (() => void) | undefined;
  #ended = false;

  constructor(options: SkippedWaitOptions) {
    this.#options = options;
  }

  /** Whether all records that were fetched up to this offset wait. */
  covers(fetchedTo: bigint): boolean {
    return !this.#ended && fetchedTo <= this.#below;
  }

  /** Returns whether the batch, which ends at `to`, waits instead of being committed now. */
  admits(items: readonly Decoded[], to: bigint): boolean {
    if (this.#ended || items.some(({ kind }) => kind !== 'skip')) return false;
    const { clock, waitMsMax } = this.#options;
    if (waitMsMax <= 0) return false;
    this.#below = to;
    this.#cancel ??= clock.after(waitMsMax, () => this.end());
    return true;
  }

  /** Ends the wait now, for a timer that is due and must know what has been handled. */
  end(): void {
    if (this.#below < 0n) return;
    this.#ended = true;
    this.#options.onEnd();
  }

  /** Call this when the offset has moved, and when the partition is given up. */
  clear(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#below = -1n;
    this.#ended = false;
  }
}
