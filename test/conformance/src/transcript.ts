const entriesMax = 8;
const linesPerEntryMax = 25;
const lineCharactersMax = 300;

/**
 * Keeps what a case did, to find out why it failed: the last commands, each with the end of its
 * output.
 */
export class Transcript {
  readonly #entries: { readonly command: string; output: () => string }[] = [];

  add(command: string, output: string | (() => string)): void {
    // Only the last answer to a repeated command matters.
    if (this.#entries.at(-1)?.command === command) this.#entries.pop();
    this.#entries.push({ command, output: typeof output === 'string' ? () => output : output });
    if (this.#entries.length > entriesMax) this.#entries.shift();
  }

  toString(): string {
    return this.#entries
      .map(({ command, output }) => `$ ${command}\n${endOf(output())}`.trimEnd())
      .join('\n');
  }
}

export function endOf(text: string, linesMax = linesPerEntryMax): string {
  const lines = text.trimEnd().split('\n');
  const shown = lines
    .slice(-linesMax)
    .map((line) => (line.length > lineCharactersMax ? `${line.slice(0, lineCharactersMax)}...` : line));
  return [
    ...(lines.length > linesMax ? [`... ${lines.length - linesMax} earlier lines`] : []),
    ...shown,
  ].join('\n');
}

/** Quotes the command as a shell would read it. */
export const shellLine = (command: readonly string[]): string =>
  command
    .map((word) => (/^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
