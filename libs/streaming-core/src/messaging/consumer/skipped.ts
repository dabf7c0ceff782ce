import type { SqlTransaction } from '../../postgres/index.ts';
import type { Batch } from './batch.ts';
import type { Decoded } from './decode.ts';
import type { SkipGuard, SkippedMessage } from './types.ts';

/** Rejects with what a guard throws. Without guards, or without messages to skip, it costs nothing. */
export async function guardSkipped(
  transaction: SqlTransaction,
  batches: readonly Batch[],
  guards: readonly SkipGuard[] = [],
): Promise<void> {
  const skipped = guards.length === 0 ? [] : batches.flatMap(({ items }) => items.flatMap(skippedMessage));
  if (skipped.length > 0) for (const guard of guards) await guard(transaction, skipped);
}

/** A message without a key belongs to nothing that a guard could know. */
function skippedMessage(item: Decoded): readonly SkippedMessage[] {
  if (item.kind !== 'skip' || item.record.key === null) return [];
  const { topic, partition, offset, key, headers } = item.record;
  return [{ topic, partition, offset, key: key.toString(), type: headers.get('ce_type') ?? '' }];
}
