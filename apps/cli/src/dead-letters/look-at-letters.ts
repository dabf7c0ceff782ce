import { lettersPath, readItems, readPages, reasonsPath } from '@millrace/operations/client';
import type { LetterReasons, LetterView, ListedLetter } from '@millrace/operations/contract';
import { askAll, findAtOperators, opsOption, listFirst } from '../operators.ts';
import { firstOf, type CommandDefinition } from '../command/command.ts';
import { emptyList, jsonOf, showRows } from '../terminal/show.ts';
import type { Columns } from '../terminal/table.ts';
import { filterIn, filterOptions } from './decision-request.ts';

const limitByDefault = 50;

const listColumns: Columns<ListedLetter> = {
  ID: 'id',
  GROUP: 'group',
  TYPE: 'type',
  KEY: 'key',
  REASON: { freeText: 'reason' },
  ATTEMPTS: 'attempts',
  REDRIVES: 'redrives',
  AT: 'at',
  DECISION: ({ decision }) => decision?.decision,
};

export const listLetters: CommandDefinition = {
  name: 'list',
  summary: 'lists the dead letters about which nobody has decided, of all services',
  options: [
    ...filterOptions,
    { flags: '--state <state>', meaning: 'default: open', choices: ['open', 'decided', 'all'] },
    { flags: '--limit <count>', meaning: `how many at most (default: ${limitByDefault})` },
    opsOption,
  ],
  watchable: true,
  examples: ['dlq list', 'dlq list --topic inventory-commands --state all'],
  async run(call) {
    const { options } = call;
    const limit = options.count('limit', 1) ?? limitByDefault;
    const query = { ...filterIn(options), state: options.text('state') };
    const found = await listFirst(call, limit, (ops) =>
      readPages<ListedLetter>(ops, lettersPath, query, limit),
    );
    showRows(call, found, {
      columns: listColumns,
      none: emptyList('dead letters', { ...filterIn(options), state: query.state ?? 'open' }),
    });
  },
};

const reasonColumns: Columns<LetterReasons> = {
  LETTERS: 'letters',
  TOPIC: 'topic',
  GROUP: 'group',
  TYPE: 'type',
  CODE: 'code',
  OLDEST: 'oldestAt',
  'LATEST REASON': { freeText: 'latestReason' },
};

export const letterReasons: CommandDefinition = {
  name: 'reasons',
  summary: 'counts the open dead letters by topic, type and kind of error',
  options: [opsOption],
  watchable: true,
  examples: ['dlq reasons'],
  async run(call) {
    const found = await askAll(call, (ops) => readItems<LetterReasons>(ops, reasonsPath));
    showRows(call, found, { columns: reasonColumns, none: emptyList('dead letters', { state: 'open' }) });
  },
};

export const showLetter: CommandDefinition = {
  name: 'show',
  summary: 'shows a dead letter with its value, its headers, the error and what was decided',
  arguments: [{ name: '<id>', meaning: 'id from dlq list: TOPIC:PARTITION:OFFSET' }],
  options: [opsOption],
  examples: ['dlq show inventory-commands.dlq:0:17'],
  async run(call) {
    const id = firstOf(call);
    const path = `${lettersPath}/${encodeURIComponent(id)}`;
    const { found } = await findAtOperators(call, `dead letter ${id}`, (ops) => ops.get<LetterView>(path));
    const { terminal } = call.session;
    if (call.options.flag('json')) return terminal.out(jsonOf(found.body));
    const { headers, value, stack, decision, ...letter } = found.body;
    for (const [name, text] of Object.entries(letter)) terminal.out(`${name}: ${text}`);
    if (decision !== null)
      terminal.out(`${decision.decision} by ${decision.actor} at ${decision.decidedAt}: ${decision.reason}`);
    terminal.out(
      `\nHeaders\n${Object.entries(headers)
        .map(([name, text]) => `  ${name}: ${text}`)
        .join('\n')}`,
    );
    terminal.out(`\nValue\n  ${value}\n\nStack\n  ${stack.replaceAll('\n', '\n  ')}`);
  },
};
