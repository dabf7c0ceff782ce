import { z } from 'zod';
import { ClientError } from '../errors/client-error.ts';

/** The longest span of a timer of Node.js. A longer one would fire at once. */
const spanMsMax = 2 ** 31 - 1;
const shownCharactersMax = 60;

/**
 * Checks the options of a client, and returns those that are not undefined. Throws
 * `settings_refused` for the first one that is unknown or has a wrong value, with the remedy.
 *
 * The message of each schema says what to give.
 */
export function checkedOptions<Options extends object>(schema: z.ZodType, options: Options): Options {
  const given = isObject(options) ? defined(options) : options;
  const issues = schema.safeParse(given).error?.issues ?? [];
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  if (issue === undefined) return given;
  const path = issue.path.reduce<string>(
    (name, part) => (typeof part === 'number' ? `${name}[${part}]` : `${name}${name && '.'}${String(part)}`),
    '',
  );
  if (issue.code === 'unrecognized_keys') {
    const [name] = issue.keys;
    throw refused(`${path}${path && '.'}${name} is not an option: give ${issue.message}`);
  }
  const value = issue.path.reduce<unknown>((at, part) => (at as Record<PropertyKey, unknown>)[part], given);
  const isSecret = /\.(password|token)$/.test(path);
  const told = isSecret ? `has type ${typeof value}` : `is ${shown(value)}`;
  throw refused(`${path || 'the argument'} ${told}: give ${issue.message}`);
}

export const refused = (why: string): ClientError => new ClientError('settings_refused', why);

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Options given as `undefined` mean the default. */
export const defined = <Options extends object>(options: Options): Options =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;

/** Describes a value so that its type can be seen. Never shows the contents of objects. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'empty' : quoted(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (!isObject(value)) return String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : 'an array';
  const { name } = (value as Partial<object>).constructor ?? Object;
  return name === 'Object' ? 'an object' : `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
}

const quoted = (text: string): string =>
  JSON.stringify(text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}...` : text);

/** The schemas of the options of a client, by their names. */
export type OptionSchemas<Options> = Readonly<Record<keyof Options, z.ZodType>>;

/** An object with these options and no others. */
export function optionsOf<Schemas extends z.core.$ZodShape>(
  schemas: Schemas,
  remedy?: string,
): z.ZodObject<Schemas, z.core.$strict> {
  const names = Object.keys(schemas);
  const required = names.filter((name) => !z.safeParse(schemas[name]!, undefined).success);
  return z.strictObject(schemas, {
    error: ({ code }) =>
      code === 'unrecognized_keys'
        ? `one of ${names.join(', ')}`
        : (remedy ?? `an object with ${required.join(', ')}`),
  });
}

export const text = z.string('a string');
export const named = (remedy: string): z.ZodType => z.string(remedy).min(1, remedy);

export const functionOf = (remedy = 'a function'): z.ZodType =>
  z.custom((value) => typeof value === 'function', remedy);

/** An object with at least these methods. */
export const objectWith = (methods: readonly string[], remedy: string): z.ZodType =>
  z.object(Object.fromEntries(methods.map((name) => [name, functionOf()])), remedy);

export const span: z.ZodType = between(
  0,
  spanMsMax,
  `a number of milliseconds, at least 0 and at most ${spanMsMax}`,
);
export const spanAbove0: z.ZodType = between(
  Number.MIN_VALUE,
  spanMsMax,
  `a number of milliseconds above 0 and at most ${spanMsMax}`,
);
export const countFrom1: z.ZodType = between(1, Infinity, 'a number, at least 1');

/** A number that may be infinite. */
export function between(min: number, max: number, remedy: string): z.ZodType {
  return z.custom((value) => typeof value === 'number' && value >= min && value <= max, remedy);
}

export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): z.ZodType {
  const limit = max === Number.MAX_SAFE_INTEGER ? `, at least ${min}` : ` from ${min} to ${max}`;
  const remedy = `a whole number${limit}`;
  return z.int(remedy).min(min, remedy).max(max, remedy);
}

export const listOf = (item: z.ZodType, of: string, ifEmpty?: string): z.ZodType => {
  const list = z.array(item, `an array of ${of}`);
  return ifEmpty === undefined ? list : list.min(1, ifEmpty);
};

/** Returns the text of a variable, or undefined if it is unset or blank. */
export type Given = (name: string) => string | undefined;

/**
 * Adds a problem for each of the variables that is set. They have no effect with this `selector`.
 */
export function refuse(
  variables: readonly string[],
  given: Given,
  problems: string[],
  selector: { readonly name: string; readonly value: string; readonly instead: string },
): undefined {
  const { name: by, value, instead } = selector;
  for (const name of variables)
    if (given(name) !== undefined)
      problems.push(`${name}: has no effect with ${by} ${value}: unset it, or set ${by} to ${instead}`);
}

export const oneOf = (values: readonly string[]): string =>
  `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
