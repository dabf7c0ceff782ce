import { InvalidInput, OperationFailed, type LetterDecision } from '@millrace/operations/client';
import type { Outcomes } from '@millrace/operations/contract';
import { actOptions, reasonOf } from '../operators.ts';
import type { Call, CommandDefinition, CommandGroup } from '../command/command.ts';
import { confirm, yesOption } from '../terminal/confirm.ts';
import { jsonOf } from '../terminal/show.ts';
import { renderTable } from '../terminal/table.ts';
import { decideByFilter, decideById } from './decide-in-pages.ts';
import { filterIn, filterOptions, type DecisionRequest } from './decision-request.ts';
import { letterReasons, listLetters, showLetter } from './look-at-letters.ts';

interface DecisionCommand {
  readonly decision: LetterDecision;
  readonly summary: string;
  readonly act: string;
}

const decide = ({ decision, summary, act }: DecisionCommand): CommandDefinition => ({
  name: decision,
  summary,
  arguments: [{ name: '[id...]', meaning: 'ids from dlq list; without them a filter or --all' }],
  options: [
    ...filterOptions,
    { flags: '--all', meaning: 'every open dead letter of all services' },
    ...(decision === 'redrive'
      ? [
          {
            flags: '--value <json>',
            meaning: 'send this value instead; for one letter, whose type stays',
            multiline: true as const,
          },
          { flags: '--rate <letters>', meaning: 'how many letters a second at most, with a filter' },
        ]
      : []),
    { flags: '--dry-run', meaning: 'show what would happen, and do nothing' },
    ...actOptions,
    yesOption,
  ],
  examples: [
    `dlq ${decision} inventory-commands.dlq:0:17 --reason "INC-7: the cause is mended" --yes`,
    `dlq ${decision} --topic inventory-commands --code handler_failed --reason INC-7 --dry-run`,
    ...(decision === 'redrive' ? ['dlq redrive --all --rate 20 --reason INC-7 --yes'] : []),
  ],
  async run(call) {
    const request = requestOf(call);
    const dryRun = call.options.flag('dry-run');
    if (!dryRun) await confirm(call, `${act} ${inWords(call)}`);
    const outcomes =
      request.ids === undefined
        ? await decideByFilter(call, decision, request)
        : await decideById(call, decision, request);
    const { aborted } = call.session.signal;
    if (aborted && outcomes.every(({ items }) => items.length === 0))
      throw new OperationFailed('stopped before a letter was decided');
    print(call, outcomes);
    const isStopped = aborted && outcomes.some(({ more }) => more);
    if (isStopped) call.session.terminal.err('stopped: further letters are open');
    return isStopped || outcomes.some(({ refused }) => refused > 0) ? 1 : 0;
  },
});

function requestOf(call: Call): DecisionRequest {
  const { options, args } = call;
  const filter = filterIn(options);
  const ways = [args.length > 0, Object.keys(filter).length > 0, options.flag('all')].filter(Boolean).length;
  if (ways !== 1)
    throw new InvalidInput('give ids, or a filter such as --topic, or --all; and only one of them');
  if (args.length > 0 && options.amount('rate') !== undefined)
    throw new InvalidInput('--rate goes with a filter: leave it out, or leave out the ids');
  const value = options.text('value');
  if (value !== undefined && args.length !== 1)
    throw new InvalidInput('--value replaces the value of one letter: give its id');
  return {
    ...(args.length > 0 ? { ids: args } : { filter }),
    reason: reasonOf(call),
    dryRun: options.flag('dry-run'),
    ...(value !== undefined && { value: parsed(value) }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new InvalidInput('--value is not JSON: give the whole value, such as dlq show prints it');
  }
}

const inWords = ({ args, options }: Call): string => {
  if (args.length > 0) return args.length === 1 ? `dead letter ${args[0]}` : `${args.length} dead letters`;
  const filter = Object.entries(filterIn(options)).map(([name, text]) => `${name} ${text}`);
  return filter.length === 0 ? 'every open dead letter' : `every open dead letter with ${filter.join(', ')}`;
};

function print({ options, session }: Call, outcomes: readonly Outcomes[]): void {
  const { terminal } = session;
  const sum = (count: (one: Outcomes) => number) => outcomes.reduce((total, one) => total + count(one), 0);
  const items = outcomes.flatMap((one) => one.items);
  const edited = outcomes.flatMap((one) => one.edited);
  const counts = {
    redriven: sum((one) => one.redriven),
    discarded: sum((one) => one.discarded),
    refused: sum((one) => one.refused),
  };
  const dryRun = options.flag('dry-run');
  if (options.flag('json'))
    return terminal.out(
      jsonOf({ dryRun, ...counts, edited, more: outcomes.some(({ more }) => more), items }),
    );
  if (items.length === 0)
    throw new OperationFailed(
      'none of them is an open dead letter: dlq list --state all shows those that are decided',
    );
  terminal.out(renderTable({ ID: 'id', OUTCOME: 'outcome' }, items));
  if (edited.length > 0) terminal.out(`changed: ${edited.join(', ')}`);
  terminal.out(`${counts.redriven} redriven, ${counts.discarded} discarded, ${counts.refused} refused`);
  if (dryRun) terminal.err('this was a dry run: nothing has changed');
}

const letterDecisions: readonly CommandDefinition[] = [
  decide({
    decision: 'redrive',
    summary: 'sends the messages of dead letters again, to the group that gave them up',
    act: 'send again',
  }),
  decide({ decision: 'discard', summary: 'gives dead letters up for good', act: 'give up for good' }),
];

export const deadLetters: CommandGroup = {
  name: 'dlq',
  summary: 'lists dead letters, and redrives, edits and discards them',
  commands: [listLetters, letterReasons, showLetter, ...letterDecisions],
};
