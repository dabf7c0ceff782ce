import type { SqlTransaction } from '@millrace/streaming-core/postgres';

/** Parts that are sealed need nothing: without the key, they are erased. */
const ERASE_PLAIN_PARTS = `
  UPDATE event SET personal = '{"erased": true}'
  WHERE stream = ANY ($1::text[]) AND personal IS NOT NULL AND NOT personal ? 'sealed' AND NOT personal ? 'erased'`;

const DROP_SNAPSHOTS = 'DELETE FROM stream_snapshot WHERE stream = ANY ($1::text[])';

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
