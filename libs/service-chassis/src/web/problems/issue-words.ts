import type { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

/**
 * Says what is wrong with a field, in words that continue its name: "quantity must be at least 1".
 * A schema's own message takes precedence. Returns undefined for problems that only the schema can
 * explain.
 */
export function issueWords(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'is missing'
        : `must be ${typeNames[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return tooSmall(issue.origin, Number(issue.minimum), issue.inclusive !== false);
    case 'too_big':
      return tooBig(issue.origin, Number(issue.maximum), issue.inclusive !== false);
    case 'invalid_format':
      return formats[issue.format] ?? 'does not have the right form';
    case 'invalid_value':
      return issue.input === undefined ? 'is missing' : `must be ${oneOf(issue.values)}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_union':
      return issue.input === undefined ? 'is missing' : 'has none of the allowed forms';
    default:
      return undefined;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
};

const formats: Readonly<Record<string, string>> = {
  uuid: 'must be a UUID',
  email: 'must be an e-mail address',
  datetime: 'must be a time such as 2026-03-01T12:00:00Z',
};

function tooSmall(origin: string, minimum: number, inclusive: boolean): string {
  if (origin === 'string')
    return minimum === 1
      ? 'must not be empty'
      : `must have at least ${counted(minimum, 'character', 'characters')}`;
  if (origin === 'array')
    return minimum === 1 ? 'must not be empty' : `must have at least ${counted(minimum, 'entry', 'entries')}`;
  return inclusive ? `must be at least ${minimum}` : `must be more than ${minimum}`;
}

function tooBig(origin: string, maximum: number, inclusive: boolean): string {
  if (origin === 'string') return `must have at most ${counted(maximum, 'character', 'characters')}`;
  if (origin === 'array') return `must have at most ${counted(maximum, 'entry', 'entries')}`;
  return inclusive ? `must be at most ${maximum}` : `must be less than ${maximum}`;
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

function oneOf(values: readonly unknown[]): string {
  const words = values.map((value) => JSON.stringify(value));
  return words.length === 1 ? String(words[0]) : `one of ${words.join(', ')}`;
}
