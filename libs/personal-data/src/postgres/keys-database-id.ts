import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { answered } from './postgres-keys.ts';

/**
 * Returns the id of a database of keys. Copies of it have the same id. Rejects with `keys_unavailable`
 * if it does not answer, or if it lacks the migrations of this library.
 */
export async function keysDatabaseId(database: SqlDatabase): Promise<string> {
  const { rows } = await answered(database.query<{ id: string }>('SELECT id FROM keys_identity'));
  const [row] = rows;
  if (row === undefined) throw new RangeError('the table keys_identity of the keys has no row');
  return row.id;
}
