import { parseArgs } from 'node:util';

type Given<Default> = Default extends number ? number : Default extends boolean ? boolean : string;

/** The options of a program, by the names of their defaults. */
type OptionsOf<Defaults> = { readonly [Name in keyof Defaults]: Given<Defaults[Name]> };

/**
 * Reads `--name value`, or `--name` if the default is a boolean. A number is above 0, and whole if its
 * default is. Throws an error that names the option.
 */
export function optionsOf<Defaults extends Readonly<Record<string, number | boolean | string>>>(
  values: readonly string[],
  defaults: Defaults,
): OptionsOf<Defaults> {
  const options = Object.entries(defaults).map(([name, value]) => {
    const type = typeof value === 'boolean' ? ('boolean' as const) : ('string' as const);
    return [name, { type }] as const;
  });
  const { values: given } = parseArgs({ args: [...values], options: Object.fromEntries(options) });
  const read = Object.entries(defaults).map(([name, value]) => {
    const text = given[name];
    return [
      name,
      typeof value === 'number' && typeof text === 'string' ? numberIn(name, text, value) : (text ?? value),
    ];
  });
  return Object.fromEntries(read) as OptionsOf<Defaults>;
}

function numberIn(name: string, text: string, like: number): number {
  const value = Number(text);
  const isRight = value > 0 && value < Infinity && (!Number.isInteger(like) || Number.isInteger(value));
  if (isRight) return value;
  throw new Error(
    `--${name} must be a ${Number.isInteger(like) ? 'whole ' : ''}number above 0, not "${text}"`,
  );
}
