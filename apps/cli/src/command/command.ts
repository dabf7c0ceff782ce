import type { GivenOptions } from './given-options.ts';
import type { Session } from './session.ts';

/** An option as the help shows it, such as `--limit <count>`. */
export interface OptionDefinition {
  readonly flags: string;
  readonly meaning: string;
  /** The only values that it takes. */
  readonly choices?: readonly string[];
  /** Whether it may be given several times, each time with one value. */
  readonly repeatable?: true;
}

/** An argument as the help shows it, such as `<topic>` or `[group]`. */
export interface ArgumentDefinition {
  readonly name: string;
  readonly meaning: string;
}

/** The arguments and options of one run of a command. */
export interface Call {
  readonly session: Session;
  /** The arguments, in order. Optional ones may be missing at the end. */
  readonly args: readonly string[];
  readonly options: GivenOptions;
  /** Tells on standard error what the answer lacks. The exit code is then at least 1. */
  readonly incomplete: (why: string) => void;
}

export type ExitCode = 0 | 1 | 2;

export interface CommandDefinition {
  readonly name: string;
  readonly summary: string;
  readonly arguments?: readonly ArgumentDefinition[];
  /** The options beside `--json` and `--data`, which every command has. */
  readonly options?: readonly OptionDefinition[];
  /** Whole command lines without `npm run millrace --`; the help shows them. */
  readonly examples: readonly string[];
  /**
   * Resolves to 1 if a check found problems. Rejects with `CommandFailed` or another error if the
   * command could not be carried out, and with `UsageError` if its arguments make no sense.
   */
  readonly run: (call: Call) => Promise<ExitCode | void>;
}

/** Commands about one subject, such as `topics list` and `topics create`. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly CommandDefinition[];
}

export type CommandEntry = CommandDefinition | CommandGroup;

export const isGroup = (entry: CommandEntry): entry is CommandGroup => 'commands' in entry;

/** Returns the first argument. Commander refuses a call that lacks a required one. */
export const firstOf = ({ args }: Call): string => args[0] ?? '';
