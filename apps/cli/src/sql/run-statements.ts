import { OperationFailed } from '@millrace/operations/client';
import type { Client, FieldDef } from 'pg';
import type { Terminal } from '../command/command.ts';
import { jsonOf } from '../terminal/show.ts';
import { renderCells } from '../terminal/table.ts';

/** Says how to avoid some of PostgreSQL's errors, by their codes. */
const remedies: Readonly<Record<string, string>> = {
  25006: 'add --write to change data',
  57014: 'give it more time with --timeout',
};

/** PostgreSQL's message for several statements where the extended protocol takes one. */
const severalStatements = /^cannot insert multiple commands/;

export interface SqlSession {
  readonly client: Client;
  /** Whether statements may change data. */
  readonly write: boolean;
}

export interface Statement {
  /** One statement, or several if there are no values. */
  readonly text: string;
  readonly values?: readonly string[];
}

interface Outcome {
  readonly command: string;
  readonly rowCount: number | null;
  readonly fields: readonly FieldDef[];
  readonly rows: ReadonlyArray<readonly (string | null)[]>;
}

/**
 * Runs statements and returns their outcomes: one or several with `write`, otherwise one. Rejects
 * with the remedy, if there is one.
 */
export async function runStatements(
  { client, write }: SqlSession,
  statement: Statement,
): Promise<readonly Outcome[]> {
  try {
    return await (write ? runFreely : runReadOnly)(client, statement);
  } catch (error) {
    const { code = '', message, hint } = error as Error & { readonly code?: string; readonly hint?: string };
    if (severalStatements.test(message))
      throw new OperationFailed('give one statement at a time, or add --write to change data', {
        cause: error,
      });
    const remedy = remedies[code] ?? hint;
    throw new OperationFailed(remedy === undefined ? message : `${message}: ${remedy}`, { cause: error });
  }
}

async function runFreely(client: Client, statement: Statement): Promise<readonly Outcome[]> {
  const answer = (await client.query(asArrays(statement))) as unknown as Outcome | readonly Outcome[];
  return Array.isArray(answer) ? answer : [answer as Outcome];
}

/**
 * Each statement has a read-only transaction. Nothing can make it writable, because its first
 * statement has taken a snapshot, and nothing can follow the statement that ends it, because the
 * extended protocol takes one statement.
 */
async function runReadOnly(client: Client, statement: Statement): Promise<readonly Outcome[]> {
  await client.query('BEGIN READ ONLY');
  try {
    await client.query('SELECT 1');
    const extended = { ...asArrays(statement), queryMode: 'extended' };
    return [(await client.query(extended)) as unknown as Outcome];
  } finally {
    await client.query('COMMIT');
  }
}

const asArrays = ({ text, values = [] }: Statement) => ({
  text,
  values: [...values],
  rowMode: 'array' as const,
});

/** Prints the rows of each statement as a table, or how many rows it changed. */
export function printOutcomes(terminal: Terminal, outcomes: readonly Outcome[]): void {
  for (const outcome of outcomes) {
    if (outcome.fields.length === 0) {
      terminal.out([outcome.command, outcome.rowCount].filter((part) => part !== null).join(' '));
      continue;
    }
    const { fields, rows } = outcome;
    const cells = rows.map((row) => fields.map((field, index) => numberOrText(field, row[index] ?? null)));
    const titles = fields.map(({ name }) => name);
    terminal.out(renderCells(titles, cells));
    terminal.out(`(${rows.length} row${rows.length === 1 ? '' : 's'})`);
  }
}

/** Prints the rows of the last statement as a JSON array of objects. */
export function printJson(terminal: Terminal, outcomes: readonly Outcome[]): void {
  const { fields = [], rows = [] } = outcomes.at(-1) ?? {};
  const valueOf = (field: FieldDef, text: string | null): unknown =>
    text === null ? null : jsonValue(field.dataTypeID, text);
  terminal.out(
    jsonOf(
      rows.map((row) =>
        Object.fromEntries(fields.map((field, index) => [field.name, valueOf(field, row[index] ?? null)])),
      ),
    ),
  );
}

const booleanType = 16;
const bigintType = 20;
const smallTypes: ReadonlySet<number> = new Set([21, 23, 700, 701]);
const jsonTypes: ReadonlySet<number> = new Set([114, 3802]);

function jsonValue(type: number, text: string): unknown {
  if (type === booleanType) return text === 't';
  if (type === bigintType) return BigInt(text);
  if (smallTypes.has(type)) return Number(text);
  return jsonTypes.has(type) ? JSON.parse(text) : text;
}

/** Numbers are aligned to the right, however many digits they have. */
function numberOrText(field: FieldDef, text: string | null): string | bigint | null {
  return field.dataTypeID === bigintType && text !== null ? BigInt(text) : text;
}
