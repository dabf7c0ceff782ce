import type { Client } from 'pg';
import { databaseOption, addressesOf } from '../addresses.ts';
import { firstOf, type Call, type CommandDefinition, type Terminal } from '../command/command.ts';
import { printJson, printOutcomes, runStatements, type Statement } from './run-statements.ts';
import { withSession } from './session-settings.ts';

const secondsByDefault = 30;

export const sql: CommandDefinition = {
  name: 'sql',
  summary: "runs SQL in a service's database: one command line with -c, or a prompt with a history",
  arguments: [{ name: '<service>', meaning: 'name of the service, such as order' }],
  options: [
    {
      flags: '-c, --command <sql>',
      meaning: 'run this statement and end; with --write several, separated by ;',
      multiline: true,
    },
    { flags: '--write', meaning: 'allow changes; without it every statement is read only' },
    { flags: '--read-models', meaning: 'use the database of its read models, if they have one of their own' },
    {
      flags: '--timeout <seconds>',
      meaning: `limit for each statement (default: ${secondsByDefault}); 0 means none`,
    },
    databaseOption,
  ],
  examples: ['sql order -c "SELECT status, count(*) FROM saga_instance GROUP BY 1"', 'sql order'],
  async run(call) {
    const { options, session } = call;
    const write = options.flag('write');
    await withSession(
      {
        url: addressesOf(call).database({ service: firstOf(call), readModels: options.flag('read-models') }),
        statementTimeoutMs: 1_000 * (options.count('timeout') ?? secondsByDefault),
      },
      async (client) => {
        const text = options.text('command');
        if (text === undefined)
          return sqlPrompt({ client, terminal: session.terminal, service: firstOf(call), write });
        const statement = text.startsWith('\\') ? described(text) : { text };
        print(call, await runStatements({ client, write }, statement));
      },
    );
  },
};

const print = ({ options, session }: Call, outcomes: Parameters<typeof printOutcomes>[1]): void =>
  (options.flag('json') ? printJson : printOutcomes)(session.terminal, outcomes);

interface PromptOptions {
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
async function sqlPrompt({ client, terminal, service, write }: PromptOptions): Promise<void> {
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
function described(command: string): Statement {
  const [name = '', table] = command.split(/\s+/);
  if (name !== '\\d') return { text: 'SELECT $1::text AS help', values: [help] };
  return table === undefined ? { text: tables } : { text: columns, values: [table] };
}
