import { randomUUID } from 'node:crypto';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { Json, TestService } from './test-service.ts';

/** Asks a service to erase a subject, as an operator does, and returns the answer. */
export async function askToErase(
  { service }: Pick<TestService, 'service'>,
  subject: string,
  ids: readonly string[] = [],
  more = false,
): Promise<Json> {
  const answer = await fetch(`${service().opsUrl}/ops/erasures/${subject}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'millrace-actor': 'grace',
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify({ reason: 'INC-7', ids, more }),
  });
  return (await answer.json()) as Json;
}

/** Makes a subject that is closing look as if every process had known of it for long. */
export async function passClosing({ keys }: Pick<TestService, 'keys'>, subject: string): Promise<void> {
  await keys?.sql.query(
    `UPDATE subject SET closing_at = closing_at - interval '1 minute' WHERE subject = $1`,
    [subject],
  );
}

/** Closes and erases a subject of whom no work is open, and returns the last answer. */
export async function eraseSubject(
  service: Pick<TestService, 'service' | 'keys'>,
  subject: string,
  ids: readonly string[] = [],
): Promise<Json> {
  await askToErase(service, subject, ids);
  await passClosing(service, subject);
  return askToErase(service, subject, ids);
}

type TableRow = { readonly name: string };

/** Returns the tables of a database with a row in which one of the texts stands, also as bytes. */
export async function tablesWith(
  database: SqlDatabase,
  texts: readonly string[],
): Promise<readonly string[]> {
  const { rows: tables } = await database.query<TableRow>(
    `SELECT oid::regclass::text AS name FROM pg_class
     WHERE relkind = 'r' AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  );
  const forms = texts.flatMap((text) => [text, Buffer.from(text).toString('hex')]);
  const patterns = forms.map((form) => `%${form.replaceAll(/[\\%_]/g, '\\$&')}%`);
  const found: string[] = [];
  for (const { name } of tables) {
    const statement = `SELECT FROM ${name} AS whole WHERE whole::text ILIKE ANY ($1::text[]) LIMIT 1`;
    if ((await database.query(statement, [patterns])).rowCount > 0) found.push(name);
  }
  return found;
}

/** Folds every stream of a service from nothing. Returns the states, by stream. */
export async function foldedStates({
  database,
  service,
}: Pick<TestService, 'database' | 'service'>): Promise<ReadonlyMap<string, unknown>> {
  const { rows } = await database.sql.query<{ id: string }>('SELECT id FROM stream WHERE version > 0');
  const states = new Map<string, unknown>();
  for (const { id } of rows) {
    const answer = await fetch(`${service().opsUrl}/ops/streams/${encodeURIComponent(id)}/state`);
    if (answer.status !== 200) throw new Error(`stream ${id} does not fold: ${await answer.text()}`);
    states.set(id, ((await answer.json()) as { state: unknown }).state);
  }
  return states;
}
