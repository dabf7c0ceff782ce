import type { OptionDefinition, GivenOptions } from '../command/command.ts';

const names = ['topic', 'type', 'code', 'key'] as const;

type DeadLetterFilter = { readonly [Name in (typeof names)[number]]?: string };

export const filterOptions: readonly OptionDefinition[] = [
  { flags: '--topic <name>', meaning: 'only messages that were on this topic' },
  { flags: '--type <name>', meaning: 'only messages of this type' },
  { flags: '--code <code>', meaning: 'only letters with this kind of error' },
  { flags: '--key <text>', meaning: 'only messages with this key' },
];

export const filterIn = (options: GivenOptions): DeadLetterFilter =>
  Object.fromEntries(
    names.flatMap((name) => {
      const text = options.text(name);
      return text === undefined ? [] : [[name, text]];
    }),
  );

export const doing = { redrive: 'redriving', discard: 'discarding' } as const;

/** An operator's decision about dead letters, which are chosen by their ids or by a filter. */
export interface DecisionRequest {
  readonly ids?: readonly string[];
  readonly filter?: DeadLetterFilter;
  readonly reason: string;
  readonly dryRun: boolean;
  readonly value?: unknown;
}

/** Stands for the letters that Ctrl-C or a failure has left open. */
export const nothingDecided = {
  redriven: 0,
  discarded: 0,
  refused: 0,
  edited: [],
  items: [],
  more: true,
  nextCursor: null,
};
