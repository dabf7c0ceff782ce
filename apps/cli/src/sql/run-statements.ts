import type { Client, FieldDef } from 'pg';
import { CommandFailed } from '../command/failures.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { jsonOf } from '../terminal/json.ts';
import { renderTable } from '../terminal/table.ts';

/** PostgreSQL's codes for a refused write and for a statement that took too long. */
const readOnly = '25006';
const tooLong = '57014';

interface Outcome {
  readonly command: string;
  readonly rowCount: number | null;
  readonly fields: readonly FieldDef[];
  readonly rows: ReadonlyArray<readonly (string | null)[]>;
}

/** Runs one or several statements and returns their outcomes. Rejects with the remedy, if there is one. */
export async function runStatements(client: Client, text: string): Promise<readonly Outcome[]> {
  try {
    const answer = (await client.query({ text, rowMode: 'array' })) as unknown as
      Outcome | readonly Outcome[];
    return Array.isArray(answer) ? answer : [answer as Outcome];
  } catch (error) {
    const { code, message, hint } = error as Error & { readonly code?: string; readonly hint?: string };
    const remedy =
      code === readOnly
        ? 'add --write to change data'
        : code === tooLong
          ? 'give it more time with --timeout'
          : hint;
    throw new CommandFailed(remedy === undefined ? message : `${message}: ${remedy}`, { cause: error });
  }
}

/** Prints the rows of each statement as a table, or how many rows it changed. */
export function printOutcomes(terminal: Terminal, outcomes: readonly Outcome[]): void {
  for (const outcome of outcomes) {
    if (outcome.fields.length === 0) {
      terminal.out([outcome.command, outcome.rowCount].filter((part) => part !== null).join(' '));
      continue;
    }
    const columns = outcome.fields.map(({ name }, index) => ({
      title: name,
      of: (row: readonly (string | null)[]) => numberOrText(outcome.fields[index], row[index] ?? null),
    }));
    terminal.out(renderTable(columns, outcome.rows));
    terminal.out(`(${outcome.rows.length} row${outcome.rows.length === 1 ? '' : 's'})`);
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
function numberOrText(field: FieldDef | undefined, text: string | null): string | bigint | null {
  return field?.dataTypeID === bigintType && text !== null ? BigInt(text) : text;
}
