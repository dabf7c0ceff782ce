import type { OptionDefinition } from '../command/command.ts';
import type { GivenOptions } from '../command/given-options.ts';

const names = ['topic', 'type', 'code', 'key'] as const;

export type LetterFilter = { readonly [Name in (typeof names)[number]]?: string };

export const filterOptions: readonly OptionDefinition[] = [
  { flags: '--topic <name>', meaning: 'only messages that were on this topic' },
  { flags: '--type <name>', meaning: 'only messages of this type' },
  { flags: '--code <code>', meaning: 'only letters with this kind of error' },
  { flags: '--key <text>', meaning: 'only messages with this key' },
];

export const filterIn = (options: GivenOptions): LetterFilter =>
  Object.fromEntries(
    names.flatMap((name) => {
      const text = options.text(name);
      return text === undefined ? [] : [[name, text]];
    }),
  );
