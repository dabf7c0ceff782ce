import {
  isGroup,
  type CommandDefinition,
  type CommandEntry,
  type OptionDefinition,
} from '../command/command.ts';

/** A command as a shell sees it. */
interface CommandWords {
  /** One word, or two for a command of a group. */
  readonly path: readonly [string, ...string[]];
  readonly summary: string;
  readonly options: ReadonlyArray<{
    readonly name: string;
    readonly meaning: string;
    readonly takesValue: boolean;
  }>;
}

type OptionsOf = (command: CommandDefinition) => readonly OptionDefinition[];

/** Lists every command with its long options. */
export const wordsOf = (entries: readonly CommandEntry[], optionsOf: OptionsOf): readonly CommandWords[] =>
  entries.flatMap((entry) =>
    isGroup(entry)
      ? entry.commands.map((one) => commandWords([entry.name, one.name], one, optionsOf))
      : [commandWords([entry.name], entry, optionsOf)],
  );

const commandWords = (
  path: CommandWords['path'],
  command: CommandDefinition,
  optionsOf: OptionsOf,
): CommandWords => ({
  path,
  summary: command.summary,
  options: optionsOf(command).map(({ flags, meaning }) => ({
    name: /--([a-z][a-z-]*)/.exec(flags)?.[1] ?? '',
    meaning,
    takesValue: flags.includes('<'),
  })),
});

export interface ScriptInput {
  readonly entries: readonly CommandEntry[];
  readonly commands: readonly CommandWords[];
  /** The root of the workspace, in which npm runs. */
  readonly workspace: string;
}

const singleQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Defines the function `millrace`, so that there is one word to complete, and its completion. */
export function bashScript({ entries, commands, workspace }: ScriptInput): string {
  const names = entries.map(({ name }) => name).join(' ');
  const groups = entries.flatMap((entry) => ('commands' in entry ? [entry] : []));
  const cases = [
    `    1:*) words=${singleQuoted(names)} ;;`,
    ...groups.map(
      ({ name, commands: own }) =>
        `    2:${name}\\ *) words=${singleQuoted(own.map((one) => one.name).join(' '))} ;;`,
    ),
    ...commands.map(({ path, options }) => {
      const pattern = path.length === 1 ? `${path[0]}\\ *` : path.join('\\ ');
      return `    *:${pattern}) words=${singleQuoted(options.map(({ name }) => `--${name}`).join(' '))} ;;`;
    }),
  ];
  return [
    `millrace() { npm --prefix ${singleQuoted(workspace)} run --silent millrace -- "$@"; }`,
    '_millrace() {',
    '  local words=',
    '  case "$COMP_CWORD:${COMP_WORDS[1]} ${COMP_WORDS[2]}" in',
    ...cases,
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    '}',
    'complete -F _millrace millrace',
  ].join('\n');
}

/** Zsh understands bash's completions once it has loaded its own support for them. */
export const zshScript = (input: ScriptInput): string =>
  [
    'autoload -U +X compinit && compinit',
    'autoload -U +X bashcompinit && bashcompinit',
    bashScript(input),
  ].join('\n');

const fishQuoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

export function fishScript({ entries, commands, workspace }: ScriptInput): string {
  const complete = (condition: string, rest: string, summary: string) =>
    `complete -c millrace -f -n ${fishQuoted(condition)} ${rest} -d ${fishQuoted(summary)}`;
  const seen = (words: readonly string[]) =>
    words.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
  return [
    `function millrace; npm --prefix ${fishQuoted(workspace)} run --silent millrace -- $argv; end`,
    ...entries.map(({ name, summary }) => complete('__fish_use_subcommand', `-a ${name}`, summary)),
    ...entries.flatMap((entry) =>
      'commands' in entry
        ? entry.commands.map((one) => {
            const others = entry.commands.map(({ name }) => name).join(' ');
            const condition = `${seen([entry.name])}; and not __fish_seen_subcommand_from ${others}`;
            return complete(condition, `-a ${one.name}`, one.summary);
          })
        : [],
    ),
    ...commands.flatMap(({ path, options }) =>
      options.map(({ name, meaning, takesValue }) =>
        complete(seen(path), `-l ${name}${takesValue ? ' -r' : ''}`, meaning),
      ),
    ),
  ].join('\n');
}
