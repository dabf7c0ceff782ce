import type { AnyFolding } from '@millrace/event-sourcing';

/** How a service folds its streams, by what their names begin with, such as `order-`. */
export type FoldingByPrefix = Readonly<Record<string, AnyFolding>>;

/** Returns the folding with the longest prefix of the stream's name, or undefined if there is none. */
export function foldingOf(foldings: FoldingByPrefix, stream: string): AnyFolding | undefined {
  const prefixes = Object.keys(foldings).filter((prefix) => stream.startsWith(prefix));
  const longest = prefixes.sort((one, other) => other.length - one.length)[0];
  return longest === undefined ? undefined : foldings[longest];
}
