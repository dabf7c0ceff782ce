import { InvalidInput } from '@millrace/operations/client';
import { Command, Option } from 'commander';
import { refuseUnreadable } from './readable.ts';
import { runOnce, watch, watchOptions } from './watch.ts';
import {
  isGroup,
  type CommandDefinition,
  type CommandEntry,
  type ExitCode,
  type OptionDefinition,
  GivenOptions,
  type Session,
} from './command.ts';

export const invocation = 'npm run millrace --';

const everyCommandTakes: readonly OptionDefinition[] = [
  { flags: '--json', meaning: 'print JSON instead of a table' },
  {
    flags: '--data <folder>',
    meaning:
      'data folder of the stack (default: MILLRACE_DATA, or whichever of .millrace, .millrace-kafka and .millrace-BASE_PORT runs)',
  },
];

/** All options of a command, in the order of its help. */
export const optionsOf = ({ options = [], watchable }: CommandDefinition): readonly OptionDefinition[] => [
  ...options,
  ...(watchable ? watchOptions : []),
  ...everyCommandTakes,
];

export interface Program {
  readonly root: Command;
  exitCode(): ExitCode;
}

/** Builds commander's tree of the commands. Nothing is written but to the session's terminal. */
export function buildProgram(entries: readonly CommandEntry[], session: Session): Program {
  let exitCode: ExitCode = 0;
  const root = prepared(new Command('millrace'), session)
    .usage('COMMAND [OPTIONS]')
    .description(`Looks at a running system and changes it: ${invocation} COMMAND`)
    .addHelpText('after', `\nHelp on a command, with an example: ${invocation} COMMAND --help`);
  const finish = (code: ExitCode) => (exitCode = code);
  for (const entry of entries) {
    if (!isGroup(entry)) {
      root.addCommand(leaf(entry, entry.name, session, finish));
      continue;
    }
    const group = prepared(new Command(entry.name), session)
      .description(entry.summary)
      .usage('COMMAND [OPTIONS]');
    for (const one of entry.commands)
      group.addCommand(leaf(one, `${entry.name} ${one.name}`, session, finish));
    root.addCommand(group);
  }
  return { root, exitCode: () => exitCode };
}

/** Lets commander throw instead of ending the process. */
function prepared(command: Command, { terminal }: Session): Command {
  return command
    .exitOverride()
    .helpCommand(false)
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
      outputError: () => undefined, // the caller prints the error once
    });
}

function leaf(
  definition: CommandDefinition,
  path: string,
  session: Session,
  finish: (code: ExitCode) => void,
): Command {
  const command = prepared(new Command(definition.name), session).description(definition.summary);
  for (const { name, meaning } of definition.arguments ?? []) command.argument(name, meaning);
  const options = optionsOf(definition).map((one) => ({ ...one, option: optionOf(one) }));
  for (const { option } of options) command.addOption(option);
  command.usage([...(definition.arguments ?? []).map(({ name }) => name), '[OPTIONS]'].join(' '));
  const examples = definition.examples.map((example) => `  ${invocation} ${example}`).join('\n');
  command.addHelpText('after', `\nExample${definition.examples.length > 1 ? 's' : ''}:\n${examples}`);
  command.action(async () => {
    const values = command.opts<Readonly<Record<string, unknown>>>();
    command.args.forEach((text, index) =>
      refuseUnreadable({ name: definition.arguments?.[index]?.name ?? 'it', multiline: false }, text),
    );
    for (const { option, multiline = false } of options)
      for (const text of [values[option.attributeName()]].flat())
        if (typeof text === 'string')
          refuseUnreadable({ name: option.long ?? option.flags, multiline }, text);
    const given = new GivenOptions(values);
    if (given.flag('append') && !given.isGiven('watch'))
      throw new InvalidInput('--append belongs to --watch: add --watch, or leave it out');
    const call = { session, args: command.args, options: given };
    finish(await (given.isGiven('watch') ? watch(call, definition) : runOnce(call, definition)));
  });
  return command.name(path.split(' ').at(-1) ?? path);
}

function optionOf({ flags, meaning, choices, repeatable }: OptionDefinition): Option {
  const option = new Option(flags, meaning);
  if (choices !== undefined) option.choices([...choices]);
  if (repeatable === true)
    option.argParser((value: string, before: readonly string[] = []) => [...before, value]);
  return option;
}
