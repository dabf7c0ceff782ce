import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { sendInOneWrite } from './pipelining.ts';
import type { SqlResult, SqlRow } from './sql.ts';

const longStatements = new Set<string>();

/**
 * Declares a statement that lifts `transaction_timeout` and may take minutes, so that a driver does
 * not mistake its silence for a lost connection. Returns the statement.
 */
export function mayTakeLong(text: string): string {
  longStatements.add(text);
  return text;
}

/** The longest timeout of a timer. With 0, the driver would use the timeout of the connection. */
const noTimeoutMs = 2 ** 31 - 1;

export interface PgStatement {
  readonly text: string;
  readonly values: readonly unknown[];
  /**
   * Whether each connection parses and plans the statement only once. Must be false for a text of
   * several statements.
   */
  readonly prepared: boolean;
}

/** Runs a statement on this connection, or on any connection of the pool. */
export async function runStatement<Row extends SqlRow>(
  client: Pool | PoolClient,
  { text, values, prepared }: PgStatement,
): Promise<SqlResult<Row>> {
  if ('connection' in client) sendInOneWrite(client);
  const { rows, rowCount } = await client.query<Row & QueryResultRow>({
    name: prepared ? statementName(text) : undefined,
    text,
    values: [...values],
    ...(longStatements.has(text) && { query_timeout: noTimeoutMs }),
  });
  return { rows, rowCount: rowCount ?? 0 };
}

const names = new Map<string, string>();
const namesMax = 500;

/**
 * Names a statement, by which the driver finds it on each connection. Beyond the limit, statements
 * get no name and are prepared each time: that many different texts mean that some code builds
 * statements from values.
 */
function statementName(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= namesMax) return known;
  const name = `s${names.size}`;
  names.set(text, name);
  return name;
}
