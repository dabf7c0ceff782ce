import {
  isGroup,
  type CommandDefinition,
  type CommandEntry,
  type OptionDefinition,
} from '../command/command.ts';

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
export const wordsOf = (
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
