import { firstOf, type Call, type CommandDefinition } from '../command/command.ts';
import { databaseOption, databaseUrlOf } from '../places/services.ts';
import { printJson, printOutcomes, runStatements } from './run-statements.ts';
import { withSession } from './session-settings.ts';
import { described, sqlPrompt } from './sql-prompt.ts';

const secondsByDefault = 30;

export const sql: CommandDefinition = {
  name: 'sql',
  summary: "runs SQL in a service's database: one command line with -c, or a prompt with a history",
  arguments: [{ name: '<service>', meaning: 'name of the service, such as order' }],
  options: [
    {
      flags: '-c, --command <sql>',
      meaning: 'run this statement and end; with --write several, separated by ;',
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
        url: databaseUrlOf(call, { service: firstOf(call), readModels: options.flag('read-models') }),
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
