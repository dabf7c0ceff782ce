import type { SqlTransaction } from '../../postgres/index.ts';
import type { Batch } from './batch.ts';
import type { Decoded } from './decode.ts';
import type { SkipGuard, SkippedMessage } from './types.ts';

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
