import { oneOf } from '../connection/setting-problems.ts';

/**
 * Returns what is wrong with a value, with its name and the remedy, or undefined if it is valid.
 */
export type Rule = (value: unknown, name: string) => string | undefined;

/** The rules of the fields of an object, or of the parameters of a function in their order. */
export type Rules = Readonly<Record<string, Rule>>;

export const int32Max = 2 ** 31 - 1;

/** The longest span of a timer of Node.js. A longer one would fire at once. */
export const spanMsMax = int32Max;

const shownCharactersMax = 60;

export const must =
  (isValid: (value: unknown) => boolean, remedy: string): Rule =>
  (value, name) =>
    isValid(value) ? undefined : problem(name, value, remedy);

/** Says what was given for a name, and what to give instead. */
export const problem = (name: string, value: unknown, remedy: string): string =>
  `${name} is ${shown(value)}: give ${remedy}`;

/** Describes a value so that its type can be seen. Never shows the contents of objects. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'empty' : quoted(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : 'an array';
  const { name } = (value as Partial<object>).constructor ?? Object;
  return name === 'Object' ? 'an object' : `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
}

const quoted = (text: string): string =>
  JSON.stringify(text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}...` : text);

export const optional =
  (rule: Rule): Rule =>
  (value, name) =>
    value === undefined ? undefined : rule(value, name);

export const anything: Rule = () => undefined;

export const truth = must((value) => typeof value === 'boolean', 'true or false');

export const text = must((value) => typeof value === 'string', 'a string');

export const named = (remedy: string): Rule =>
  must((value) => typeof value === 'string' && value !== '', remedy);

export const functionOf = (remedy: string): Rule => must((value) => typeof value === 'function', remedy);

export const numberFrom = (min: number): Rule =>
  must((value) => typeof value === 'number' && value >= min, `a number, at least ${min}`);

export const wholeNumber = (min: number, max = Number.MAX_SAFE_INTEGER): Rule =>
  must(
    (value) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
    max === Number.MAX_SAFE_INTEGER
      ? `a whole number, at least ${min}`
      : `a whole number from ${min} to ${max}`,
  );

export const span: Rule = must(
  (value) => typeof value === 'number' && value >= 0 && value <= spanMsMax,
  `a number of milliseconds, at least 0 and at most ${spanMsMax}`,
);

export const oneOfTexts = (values: readonly string[]): Rule =>
  must((value) => values.includes(value as string), oneOf(values));

/** `of` describes the items of the array. An array that must not be empty has a remedy for that. */
export const listOf =
  (item: Rule, of: string, ifEmpty?: string): Rule =>
  (value, name) => {
    if (!Array.isArray(value)) return problem(name, value, `an array of ${of}`);
    if (value.length === 0 && ifEmpty !== undefined) return problem(name, value, ifEmpty);
    for (let index = 0; index < value.length; index += 1) {
      const found = item(value[index], `${name}[${index}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  };

/** An object may have more fields than these. */
export const objectOf =
  (fields: Rules, remedy: string): Rule =>
  (value, name) =>
    isObject(value) ? problemOfFields(value, fields, `${name}.`) : problem(name, value, remedy);

/**
 * An object with options. Their names are checked as well, because a mistyped option would have no
 * effect. Without a name it is the only argument, and its options are known by their own names.
 */
export const optionsOf =
  (fields: Rules, remedy: string): Rule =>
  (value, name) => {
    if (!isObject(value)) return problem(name || 'the argument', value, remedy);
    const prefix = name === '' ? '' : `${name}.`;
    return mistyped(value, fields, prefix) ?? problemOfFields(value, fields, prefix);
  };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function problemOfFields(
  value: Readonly<Record<string, unknown>>,
  fields: Rules,
  prefix: string,
): string | undefined {
  for (const field in fields) {
    const found = fields[field]!(value[field], `${prefix}${field}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Finds a name that resembles the name of a field that was not given. Other unknown names are
 * accepted, because callers may pass objects that have more than the options of one client.
 */
function mistyped(
  value: Readonly<Record<string, unknown>>,
  fields: Rules,
  prefix: string,
): string | undefined {
  for (const [name, given] of Object.entries(value)) {
    if (given === undefined || Object.hasOwn(fields, name)) continue;
    const meant = Object.keys(fields).find((field) => value[field] === undefined && isNear(name, field));
    if (meant !== undefined) return `${prefix}${name} is not an option: did you mean ${meant}?`;
  }
  return undefined;
}

/**
 * Returns true if one letter differs, or up to two in a longer name. Case, separators and the order
 * of the letters do not count.
 */
function isNear(name: string, field: string): boolean {
  const [left, right] = [name, field].map((one) => one.toLowerCase().replaceAll(/[^a-z]/g, ''));
  const allowed = field.length < 8 ? 1 : 2;
  return sorted(left!) === sorted(right!) || distance(left!, right!) <= allowed;
}

const sorted = (letters: string): string => [...letters].sort().join('');

/** Counts the letters to insert, delete or replace (Levenshtein). */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let at = 0; at < left.length; at += 1) {
    const next = [at + 1];
    for (let index = 0; index < right.length; index += 1)
      next.push(
        Math.min(row[index + 1]! + 1, next[index]! + 1, row[index]! + (left[at] === right[index] ? 0 : 1)),
      );
    row = next;
  }
  return row.at(-1)!;
}
