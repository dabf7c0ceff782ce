import { Command, Option } from 'commander';
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

export const everyCommandTakes: readonly OptionDefinition[] = [
  { flags: '--json', meaning: 'print JSON instead of a table' },
  {
    flags: '--data <folder>',
    meaning:
      'data folder of the stack (default: MILLRACE_DATA, or whichever of .millrace, .millrace-kafka and .millrace-4000 runs)',
  },
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
  for (const option of [...(definition.options ?? []), ...everyCommandTakes])
    command.addOption(optionOf(option));
  command.usage([...(definition.arguments ?? []).map(({ name }) => name), '[OPTIONS]'].join(' '));
  const examples = definition.examples.map((example) => `  ${invocation} ${example}`).join('\n');
  command.addHelpText('after', `\nExample${definition.examples.length > 1 ? 's' : ''}:\n${examples}`);
  command.action(async () => {
    const options = new GivenOptions(command.opts());
    let complete = true;
    const incomplete = (why: string) => {
      complete = false;
      session.terminal.err(`millrace: ${why}`);
    };
    const exitCode = await definition.run({ session, args: command.args, options, incomplete });
    finish(exitCode || (complete ? 0 : 1));
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
