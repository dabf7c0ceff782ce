import { createPrefixReader, type PositionedRow, type SqlDatabase } from '@millrace/streaming-core/postgres';

const batchEvents = 1_000;

/**
 * Reads every event of the store in the order of positions, as whatever follows the store does.
 * Returns the events a second.
 */
export async function readerRate(database: SqlDatabase): Promise<number> {
  const reader = createPrefixReader<PositionedRow>({
    database,
    statement: `
      SELECT position, id, stream, version, type, schema_version, data, personal, metadata, recorded_at
      FROM event
      WHERE position > $1::bigint
      ORDER BY position
      LIMIT $2::integer`,
  });
  const startedAt = performance.now();
  let events = 0;
  for (let after = 0n; ;) {
    const rows = await reader.read(after, batchEvents);
    const last = rows.at(-1);
    if (last === undefined) break;
    events += rows.length;
    after = BigInt(last.position);
  }
  return (events / (performance.now() - startedAt)) * 1_000;
}
