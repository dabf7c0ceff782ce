import type { SqlDatabase } from '../../postgres/index.ts';
import { renameStore, runbook } from './commit-note.ts';
import { OutboxError } from './outbox-error.ts';
import type { PublishedMark } from './published-mark.ts';
import { outboxRow } from './relay.sql.ts';

/**
 * Rejects with `cursor_refused` when this database has published a row that it no longer has. A
 * cursor behind the mark is not enough evidence: a crash may set it back, since its commit does not
 * wait for the disk. The row itself was on disk before it was published, and stays until the cursor
 * passes it.
 */
export async function refuseOlderDatabase(
  database: SqlDatabase,
  cursor: { readonly name: string; readonly position: bigint },
  mark: PublishedMark | undefined,
): Promise<void> {
  if (mark === undefined || mark.position <= cursor.position) return;
  const { rowCount } = await database.query(outboxRow, [String(mark.position), mark.messageId]);
  if (rowCount > 0) return;
  throw new OutboxError(
    'cursor_refused',
    `relay "${cursor.name}" of this database has already published up to position ${mark.position} ` +
      `(message ${mark.messageId}), which the outbox does not have, ` +
      `and its cursor is at ${cursor.position}: ` +
      'the database was restored from a backup that is older than the log, ' +
      `or somebody set the cursor back. First read ${runbook}. ` +
      `To publish from ${cursor.position} on: ${renameStore}`,
  );
}
