import type { Client } from 'pg';
import type { Terminal } from '../command/terminal.ts';
import { printOutcomes, runStatements, type Statement } from './run-statements.ts';

export interface PromptOptions {
  readonly client: Client;
  readonly terminal: Terminal;
  readonly service: string;
  readonly write: boolean;
}

const help = `A statement ends with ; at the end of a line. \\d lists tables, \\d TABLE its columns, \\q leaves.`;

const tables = `SELECT table_name AS table, table_type AS type FROM information_schema.tables
  WHERE table_schema = 'public' AND table_name NOT SIMILAR TO '(outbox|inbox)_[0-9]+' ORDER BY 1`;
/** $1 table. */
const columns = `
  SELECT column_name AS column, data_type AS type, is_nullable AS nullable, column_default AS default
  FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position`;

/** Reads statements until the input ends. A statement that fails is reported, and the prompt continues. */
export async function sqlPrompt({ client, terminal, service, write }: PromptOptions): Promise<void> {
  terminal.err(`${service}, ${write ? 'with write access' : 'read only'}. ${help}`);
  let begun = '';
  const prompt = () => (begun === '' ? `${service}> ` : `${' '.repeat(service.length)}- `);
  for await (const line of terminal.lines(prompt)) {
    const command = begun === '' ? line.trim() : '';
    if (['\\q', 'exit', 'quit'].includes(command)) return;
    const isDescription = command.startsWith('\\');
    begun = begun === '' ? line.trimStart() : `${begun}\n${line}`;
    if (!isDescription && !begun.trimEnd().endsWith(';')) continue;
    const statement = isDescription ? described(command) : { text: begun };
    begun = '';
    try {
      printOutcomes(terminal, await runStatements({ client, write }, statement));
    } catch (error) {
      terminal.err(`error: ${(error as Error).message}`);
    }
  }
}

/** Returns the statement for a command that begins with a backslash, such as `\d`. */
export function described(command: string): Statement {
  const [name = '', table] = command.split(/\s+/);
  if (name !== '\\d') return { text: 'SELECT $1::text AS help', values: [help] };
  return table === undefined ? { text: tables } : { text: columns, values: [table] };
}
