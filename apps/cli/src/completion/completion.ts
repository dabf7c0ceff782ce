import { InvalidInput } from '@millrace/operations/client';
import { everyCommandTakes } from '../command/build-program.ts';
import {
  firstOf,
  type CommandDefinition,
  type CommandEntry,
  isGroup,
  type OptionDefinition,
} from '../command/command.ts';
import { bashScript, fishScript, zshScript, type ScriptInput } from './shell-scripts.ts';

/** A command as a shell sees it. */
export interface CommandWords {
  /** One word, or two for a command of a group. */
  readonly path: readonly [string, ...string[]];
  readonly summary: string;
  readonly options: ReadonlyArray<{
    readonly name: string;
    readonly meaning: string;
    readonly takesValue: boolean;
  }>;
}

/** Lists every command with its long options. */
const wordsOf = (
  entries: readonly CommandEntry[],
  everywhere: readonly OptionDefinition[],
): readonly CommandWords[] =>
  entries.flatMap((entry) =>
    isGroup(entry)
      ? entry.commands.map((one) => commandWords([entry.name, one.name], one, everywhere))
      : [commandWords([entry.name], entry, everywhere)],
  );

const commandWords = (
  path: CommandWords['path'],
  { summary, options = [] }: CommandDefinition,
  everywhere: readonly OptionDefinition[],
): CommandWords => ({
  path,
  summary,
  options: [...options, ...everywhere].map(({ flags, meaning }) => ({
    name: /--([a-z][a-z-]*)/.exec(flags)?.[1] ?? '',
    meaning,
    takesValue: flags.includes('<'),
  })),
});

const scripts: Readonly<Record<string, (input: ScriptInput) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** The command that prints a completion of these commands and of itself. */
export const completionOf = (others: readonly CommandEntry[]): CommandDefinition => {
  const completion: CommandDefinition = {
    name: 'completion',
    summary: 'prints a shell function named millrace that runs these commands, with its completion',
    arguments: [{ name: '<shell>', meaning: Object.keys(scripts).join(', ') }],
    examples: ['completion bash >> ~/.bashrc'],
    run(call) {
      const shell = firstOf(call);
      const script = scripts[shell];
      if (script === undefined)
        throw new InvalidInput(
          `${shell} is no shell that can be completed: give ${Object.keys(scripts).join(', ')}`,
        );
      const { workspace, terminal } = call.session;
      const entries = [...others, completion];
      terminal.out(script({ entries, commands: wordsOf(entries, everyCommandTakes), workspace }));
      return Promise.resolve();
    },
  };
  return completion;
};
