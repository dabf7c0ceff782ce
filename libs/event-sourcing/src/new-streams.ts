import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { streamsOf } from './transaction-streams.ts';

/**
 * Lets a transaction append to a stream as a new one without reading it. If the stream exists, the
 * write rejects with `WrongExpectedVersionError`, so the work must be repeated in a transaction
 * that does not assume this (`optimisticTransaction`). A stream that the transaction has locked or
 * appended to stays as it is known.
 */
export function assumeNew(transaction: SqlTransaction, stream: string): void {
  const streams = streamsOf(transaction);
  if (streams.find(stream) !== undefined) return;
  streams.know(stream, { locked: false, stored: 0n, loaded: { from: 1n, events: [] } });
  streams.assumesNew = true;
}

/**
 * Assumes the same of a stream that usually begins with another one, if the transaction assumes
 * that this other one is new.
 */
export function assumeNewAsWell(transaction: SqlTransaction, stream: string): void {
  if (streamsOf(transaction).assumesNew) assumeNew(transaction, stream);
}
