import pg, { type Client } from 'pg';
import { ConnectError } from '../../plugin/connect-error.ts';
import { readTables, type TableFacts } from './catalog.ts';
import type { CaptureSettings } from './settings.ts';
import { messageKeyOf, nameOf, type TableName, type TableSelection } from './table-selection.ts';

const quoted = ({ schema, table }: TableName): string =>
  `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`;

export interface Selected {
  readonly captured: readonly TableFacts[];
  /** Internal tables that match a pattern, and that the connector leaves out. */
  readonly internal: readonly TableFacts[];
}

/** Finds the tables to capture. Throws if there are none, or if one of them cannot be published. */
export async function selectTables(client: Client, selection: TableSelection): Promise<Selected> {
  const { captured, internal } = selection.divide(await readTables(client));
  if (captured.length === 0)
    throw new ConnectError(
      'table.include.list names no table of the database' +
        (internal.length === 0
          ? ': write schema.table, for example public.accounts'
          : ` but internal ones (${internal.map(nameOf).join(', ')}), which have to be named without a pattern`),
    );
  for (const table of captured) messageKeyOf(table, selection);
  return { captured, internal };
}

/**
 * Makes the publication name exactly these tables. If the connector may not change it, checks that it has
 * them.
 */
export async function providePublication(
  client: Client,
  { publication, ownsPublication }: Pick<CaptureSettings, 'publication' | 'ownsPublication'>,
  tables: readonly TableName[],
): Promise<void> {
  const published = await publishedTables(client, publication);
  const missing = tables.filter((table) => published?.has(nameOf(table)) !== true);
  if (!ownsPublication && missing.length > 0)
    throw new ConnectError(
      `the publication "${publication}" ` +
        `${published === undefined ? 'does not exist' : `lacks ${missing.map(nameOf).join(', ')}`}: ` +
        'create or alter it, or set publication.autocreate.mode to filtered',
    );
  if (!ownsPublication || (missing.length === 0 && published?.size === tables.length)) return;
  const name = pg.escapeIdentifier(publication);
  const list = tables.map(quoted).join(', ');
  await client.query(
    published === undefined
      ? `CREATE PUBLICATION ${name} FOR TABLE ${list} WITH (publish_via_partition_root = true)`
      : `ALTER PUBLICATION ${name} SET TABLE ${list}`,
  );
}

/** Throws if the publication is gone. Creating it again would hide the changes that it has missed. */
export async function assertPublicationExists(client: Client, publication: string): Promise<void> {
  if ((await publishedTables(client, publication)) === undefined)
    throw new ConnectError(
      `the publication "${publication}" was dropped, and changes since then are not captured. CREATE PUBLICATION ` +
        `"${publication}" FOR TABLE ... to continue without them, or take a new snapshot (delete the offsets of the ` +
        'connector and its slot)',
    );
}

/** Throws if the publication is gone, or if one of the tables is no longer in it. */
export async function assertPublished(
  client: Client,
  publication: string,
  tables: readonly TableName[],
): Promise<void> {
  await assertPublicationExists(client, publication);
  const published = await publishedTables(client, publication);
  const missing = tables.filter((table) => published?.has(nameOf(table)) !== true);
  if (missing.length === 0) return;
  throw new ConnectError(
    `the publication "${publication}" ` +
      `${published === undefined ? 'was dropped' : `does not name ${missing.map(nameOf).join(', ')} any more`}, ` +
      'so changes are not captured. Restart the task to continue without the missed changes, or take a ' +
      'new snapshot (delete the offsets of the connector and its slot)',
  );
}

async function publishedTables(
  client: Client,
  publication: string,
): Promise<ReadonlySet<string> | undefined> {
  const { rows } = await client.query<TableName & { table: string | null }>(
    `SELECT schemaname AS schema, tablename AS table FROM pg_publication
      LEFT JOIN pg_publication_tables USING (pubname) WHERE pubname = $1`,
    [publication],
  );
  if (rows.length === 0) return undefined;
  return new Set(rows.filter(({ table }) => table !== null).map(nameOf));
}
