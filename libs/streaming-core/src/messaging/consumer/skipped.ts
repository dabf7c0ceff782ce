import type { Clock, DurationMs } from '../../runtime/index.ts';
import type { Decoded } from './decode.ts';
import type { SqlTransaction } from '../../postgres/index.ts';
import type { Batch } from './open-batch.ts';
import type { SkipGuard, SkippedMessage } from './message-handler.ts';

interface SkippedWaitOptions {
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

/**
 * Calls the guards with the skipped messages of the batches, and rejects with the error of a guard.
 */
export async function guardSkipped(
  transaction: SqlTransaction,
  batches: readonly Batch[],
  guards: readonly SkipGuard[] = [],
): Promise<void> {
  const skipped = guards.length === 0 ? [] : batches.flatMap(({ items }) => items.flatMap(skippedMessage));
  if (skipped.length > 0) for (const guard of guards) await guard(transaction, skipped);
}

/** Leaves out messages without a key, because a guard decides by keys. */
function skippedMessage(item: Decoded): readonly SkippedMessage[] {
  if (item.kind !== 'skip' || item.record.key === null) return [];
  const { topic, partition, offset, key, headers } = item.record;
  return [{ topic, partition, offset, key: key.toString(), type: headers.get('ce_type') ?? '' }];
}
