import { InvalidInput } from '@millrace/operations/client';
import type { Clock } from '@millrace/streaming-core/runtime';

/** The surroundings of a command. Tests pass their own. */
export interface Session {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The root of the workspace. Relative data folders begin there. */
  readonly workspace: string;
  readonly clock: Clock;
  /** Aborted by Ctrl-C. A command that follows something then ends with success. */
  readonly signal: AbortSignal;
}

/** The output of a command, and the person whom it can ask. */
export interface Terminal {
  /** Writes one line of results to standard output. */
  out(line: string): void;
  /** Writes one line for people to standard error. */
  err(line: string): void;
  /** The width of the screen that standard output is. Undefined for a file or a pipe. */
  readonly columns: number | undefined;
  /** Replaces everything that the screen shows. Absent where standard output is a file or a pipe. */
  readonly repaint?: (lines: readonly string[]) => void;
  /** Whether a person can answer a question here. */
  readonly interactive: boolean;
  /** Draws on the last line of standard error. Does nothing unless that is a terminal. */
  draw(line: string): void;
  /** Asks for a line. Resolves to undefined at the end of the input. */
  ask(question: string): Promise<string | undefined>;
  /** Asks for lines with a history, until the input ends. */
  lines(prompt: () => string): AsyncIterable<string>;
}

/** An option as the help shows it, such as `--limit <count>`. */
export interface OptionDefinition {
  readonly flags: string;
  readonly meaning: string;
  /** The only values that it takes. */
  readonly choices?: readonly string[];
  /** Whether it may be given several times, each time with one value. */
  readonly repeatable?: true;
  /** Whether its value may have several lines, as a statement has. Names and reasons have one. */
  readonly multiline?: true;
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
  /** Whether `--watch` shows the answer again and again. */
  readonly watchable?: true;
  /** Whole command lines without `npm run millrace --`; the help shows them. */
  readonly examples: readonly string[];
  /**
   * Resolves to 1 if a check found problems. Rejects with `CommandFailed` or another error if the
   * command could not be carried out, and with `InvalidInput` if its arguments make no sense.
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

type Values = Readonly<Record<string, unknown>>;

/** Reads options by their long names. Throws `InvalidInput` for a value that an option does not take. */
export class GivenOptions {
  readonly #values: Values;

  /** Takes the values by commander's names, which are in camel case. */
  constructor(values: Values) {
    this.#values = values;
  }

  isGiven(name: string): boolean {
    return this.#values[camelCase(name)] !== undefined;
  }

  flag(name: string): boolean {
    return this.#values[camelCase(name)] === true;
  }

  text(name: string): string | undefined {
    const value = this.#values[camelCase(name)];
    if (value === '') throw new InvalidInput(`--${name} is empty: give it a value, or leave it out`);
    return typeof value === 'string' ? value : undefined;
  }

  /** The values of an option that may be repeated. */
  list(name: string): readonly string[] {
    const value = this.#values[camelCase(name)];
    return Array.isArray(value) ? value.map(String) : [];
  }

  /** Reads a whole number from `min`, by default 0, to `max`. */
  count(name: string, min = 0, max = Number.MAX_SAFE_INTEGER): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const count = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (count >= min && count <= max) return count;
    const limit = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    throw new InvalidInput(`--${name} ${text}: give a whole number ${limit}`);
  }

  /** Reads a number above 0. */
  amount(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const amount = Number(text);
    if (amount > 0 && Number.isFinite(amount)) return amount;
    throw new InvalidInput(`--${name} ${text}: give a number above 0`);
  }
}

const camelCase = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
