import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { DROP_SNAPSHOTS, ERASE_PLAIN_PARTS } from './erase-plain-parts.sql.ts';

/**
 * Erases the personal parts of streams that releases without keys have stored in plain text, and
 * removes the streams' snapshots. Returns how many there were. Every other event stays as it is.
 */
export async function erasePlainParts(
  transaction: SqlTransaction,
  streams: readonly string[],
): Promise<{ readonly events: number; readonly snapshots: number }> {
  const { rowCount: events } = await transaction.query(ERASE_PLAIN_PARTS, [streams]);
  const { rowCount: snapshots } = await transaction.query(DROP_SNAPSHOTS, [streams]);
  return { events, snapshots };
}
