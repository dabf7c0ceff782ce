import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const page = join(import.meta.dirname, '../../../../docs/OPERATIONS.md');

/**
 * The command lines that an entry of the runbook shows in code spans, such as
 * `dlq redrive ID --reason TEXT`. `words` are the names of the commands.
 */
export function commandsOfEntry(entry: string, words: ReadonlySet<string>): readonly string[] {
  const section = readFileSync(page, 'utf8')
    .split(/^(?=#+ )/m)
    .find((text) => text.startsWith(`### ${entry}\n`));
  if (section === undefined) throw new Error(`docs/OPERATIONS.md has no entry ${entry}`);
  return [
    ...new Set(
      [...section.matchAll(/`([^`]+)`/g)]
        .map(([, span = '']) => span)
        .filter((span) => words.has(span.split(' ')[0] ?? '')),
    ),
  ];
}

/** The names in the list of commands that `millrace --help` prints. */
export const commandWordsIn = (help: string): ReadonlySet<string> =>
  new Set([...(help.split('Commands:')[1] ?? '').matchAll(/^ {2}([a-z]+)/gm)].map(([, word = '']) => word));

/** What stands for the words in capitals of a command line, such as `ID`. */
export type Values = Readonly<Record<string, string>>;

/** Splits a command line into words as a shell does, and puts values in place of those in capitals. */
export function wordsOf(line: string, values: Values): readonly string[] {
  const names = Object.keys(values);
  const placeholder = new RegExp(`\\b(${names.join('|')})\\b`, 'g');
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare = '']) => quoted ?? bare);
  const left = words.filter((word) => /^[A-Z]+$/.test(word) && !names.includes(word));
  if (left.length > 0) throw new Error(`${line}: no value for ${left.join(', ')}`);
  return words.map((word) =>
    names.length === 0 ? word : word.replace(placeholder, (name) => values[name] ?? ''),
  );
}
