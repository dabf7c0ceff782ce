import type { LockStreams } from '@millrace/streaming-core/consumer';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { EventStoreError, UndeclaredStreamError } from '../errors.ts';
import { lockedStreamsMax } from '../limits.ts';
import { LOCK_STREAMS } from './append.sql.ts';
import { assertStreamId } from './stream-id.ts';

/** What each transaction has declared. A transaction that never called `lockStreams` is free to append anywhere. */
const declaredStreams = new WeakMap<SqlTransaction, ReadonlySet<string>>();

/**
 * Locks all streams of a batch in one statement, sorted under collation "C" as `append` sorts them: two batches never deadlock over
 * streams. From then on this transaction (the same object) may append to these streams only: another one throws `UndeclaredStreamError`,
 * and so does locking another one, since a second statement would break the order.
 */
export const lockStreams: LockStreams = async (transaction, streams) => {
  if (declaredStreams.has(transaction)) return assertDeclared(transaction, streams);
  if (streams.length > lockedStreamsMax)
    throw new EventStoreError(
      'append_too_large',
      `${streams.length} streams in one batch, at most ${lockedStreamsMax}: use smaller batches`,
    );
  streams.forEach(assertStreamId);
  if (streams.length > 0) await transaction.query(LOCK_STREAMS, [streams]);
  declaredStreams.set(transaction, new Set(streams));
};

/**
 * Locks one stream, and leaves the transaction free to take others after it: for work that is begun again when it meets a deadlock
 * (`retryingTransaction`), and does not know all its streams beforehand.
 */
export async function lockStream(transaction: SqlTransaction, stream: string): Promise<void> {
  assertStreamId(stream);
  await transaction.query(LOCK_STREAMS, [[stream]]);
}

export function assertDeclared(transaction: SqlTransaction, streams: readonly string[]): void {
  const declared = declaredStreams.get(transaction);
  const undeclared = declared && streams.find((stream) => !declared.has(stream));
  if (undeclared !== undefined) throw new UndeclaredStreamError(undeclared);
}
