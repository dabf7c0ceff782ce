import type { Client } from 'pg';
import type { Terminal } from '../terminal/terminal.ts';
import { printOutcomes, runStatements } from './run-statements.ts';

export interface PromptOptions {
  readonly client: Client;
  readonly terminal: Terminal;
  readonly service: string;
  readonly write: boolean;
}

const help = `A statement ends with ; at the end of a line. \\d lists tables, \\d TABLE its columns, \\q leaves.`;

const tables = `SELECT table_name AS table, table_type AS type FROM information_schema.tables
  WHERE table_schema = 'public' AND table_name NOT SIMILAR TO '(outbox|inbox)_[0-9]+' ORDER BY 1`;
const columns = (
  table: string,
) => `SELECT column_name AS column, data_type AS type, is_nullable AS nullable, column_default AS default
  FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '${table.replaceAll("'", "''")}' ORDER BY ordinal_position`;

/** Reads statements until the input ends. A statement that fails is reported, and the prompt continues. */
export async function sqlPrompt({ client, terminal, service, write }: PromptOptions): Promise<void> {
  terminal.err(`${service}, ${write ? 'with write access' : 'read only'}. ${help}`);
  let begun = '';
  const prompt = () => (begun === '' ? `${service}> ` : `${' '.repeat(service.length)}- `);
  for await (const line of terminal.lines(prompt)) {
    const command = begun === '' ? line.trim() : '';
    if (['\\q', 'exit', 'quit'].includes(command)) return;
    begun =
      command === '' && line.trim() === '' && begun === ''
        ? ''
        : `${begun}${begun === '' ? '' : '\n'}${line}`;
    const statement = command.startsWith('\\')
      ? described(command)
      : begun.trimEnd().endsWith(';')
        ? begun
        : undefined;
    if (statement === undefined) continue;
    begun = '';
    try {
      printOutcomes(terminal, await runStatements({ client, write }, statement));
    } catch (error) {
      terminal.err(`error: ${(error as Error).message}`);
    }
  }
}

/** Returns the statement for a command that begins with a backslash. */
function described(command: string): string {
  const [name = '', table] = command.split(/\s+/);
  if (name !== '\\d') return `SELECT '${help.replaceAll("'", "''")}' AS help`;
  return table === undefined ? tables : columns(table);
}
