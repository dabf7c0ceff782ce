import { InvalidInput } from '@millrace/operations/client';
import { optionsOf } from '../command/build-program.ts';
import { firstOf, type CommandDefinition, type CommandEntry } from '../command/command.ts';
import { bashScript, fishScript, wordsOf, zshScript, type ScriptInput } from './shell-scripts.ts';

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
      terminal.out(script({ entries, commands: wordsOf(entries, optionsOf), workspace }));
      return Promise.resolve();
    },
  };
  return completion;
};
