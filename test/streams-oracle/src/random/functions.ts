import { letterOf, tail, type Text } from '../topologies/topology-case.ts';

// The functions that programs give to the DSL. Those of `ProgramFunctions.java` are the same.

export const isEven = (_key: unknown, value: Text): boolean => value !== null && value.length % 2 === 0;

export const quoted = (value: Text): Text => (value === null ? null : tail(`${value}'`));

export const valueAndLetter = (value: Text): readonly Text[] =>
  value === null ? [] : [value, letterOf(value)];

export const byLetter = (_key: Text, value: Text): Text => letterOf(value);

export const letterAndBoth = (key: Text, value: Text): readonly [Text, Text] => [
  letterOf(value),
  tail(`${key}${value}`),
];

export const bothWays = (key: Text, value: Text): ReadonlyArray<readonly [Text, Text]> => [
  [key, value],
  [letterOf(value), value],
];

/** A value that ends in an exclamation mark deletes. Sessions reduce null, too. */
export const reduced = (sum: string, value: Text): string | null =>
  value?.endsWith('!') ? null : tail(`${sum}${value}`);

/** One value deletes. */
export const added = (_key: string, value: string, sum: string): string | null =>
  value === 'c' ? null : tail(`${sum}${value}`);

export const addedOther = (_key: string, value: string, sum: string): string | null =>
  tail(`${sum}/${value}`);

export const merged = (_key: string, one: string, other: string): string => tail(`${one}|${other}`);

export const changedRow = (value: string): string | null => (value.endsWith('!') ? null : tail(`${value}+`));

export const rowByLetter = (_key: string, value: string): readonly [string, string] => [
  value.slice(0, 1),
  value,
];

export const addedRow = (sum: string, value: string): string => tail(sum + value);

export const subtractedRow = (sum: string, value: string): string | null =>
  sum === value ? null : tail(`${sum}-${value}`);

export const joinedTexts = (one: Text, other: Text): string => tail(`${one}+${other}`);

/** The key of the row that a value names. Long values name none. */
export const foreignKey = (value: string): Text => (value.length > 8 ? null : letterOf(value));
