import { parseArgs } from 'node:util';

type Given<Default> = Default extends number ? number : Default extends boolean ? boolean : string;

/** The options of a program, by the names of their defaults. */
type OptionsOf<Defaults> = { readonly [Name in keyof Defaults]: Given<Defaults[Name]> };

export type OptionDefaults = Readonly<Record<string, number | boolean | string>>;

/** The largest value of each number. Without a limit, a slip of the finger runs for days. */
export type LargestOf<Defaults> = {
  readonly [Name in keyof Defaults as Defaults[Name] extends number ? Name : never]: number;
};

/**
 * Reads `--name value`, or `--name` if the default is a boolean. A number is above 0, at most as large
 * as `largest` says, and whole if its default is. Throws an error that names the option.
 */
export function optionsOf<Defaults extends OptionDefaults>(
  values: readonly string[],
  defaults: Defaults,
  largest: LargestOf<Defaults>,
): OptionsOf<Defaults> {
  const options = Object.entries(defaults).map(([name, value]) => {
    const type = typeof value === 'boolean' ? ('boolean' as const) : ('string' as const);
    return [name, { type }] as const;
  });
  const { values: given } = parseArgs({ args: [...values], options: Object.fromEntries(options) });
  const limits: Readonly<Record<string, number>> = largest;
  const read = Object.entries(defaults).map(([name, value]) => {
    const text = given[name];
    return [
      name,
      typeof value === 'number' && typeof text === 'string'
        ? numberIn(name, text, { isWhole: Number.isInteger(value), max: limits[name] ?? 0 })
        : (text ?? value),
    ];
  });
  return Object.fromEntries(read) as OptionsOf<Defaults>;
}

interface NumberKind {
  readonly isWhole: boolean;
  readonly max: number;
}

function numberIn(name: string, text: string, { isWhole, max }: NumberKind): number {
  const value = Number(text);
  if (value > 0 && value <= max && (!isWhole || Number.isInteger(value))) return value;
  throw new Error(
    `--${name} must be a ${isWhole ? 'whole ' : ''}number above 0 and at most ${max}, not "${text}"`,
  );
}
