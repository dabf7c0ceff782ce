import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { issueWords } from './issue-words.ts';

const wordsFor = (schema: z.ZodType, value: unknown): readonly string[] =>
  schema.safeParse(value, { error: issueWords }).error?.issues.map(({ message }) => message) ?? [];

describe('the message about a wrong field', () => {
  it.each([
    ['missing text', z.string(), undefined, 'is missing'],
    ['a missing choice', z.enum(['a', 'b']), undefined, 'is missing'],
    ['a number instead of text', z.string(), 7, 'must be text'],
    ['text instead of a number', z.number(), '7', 'must be a number'],
    ['a fraction instead of a whole number', z.int(), 1.5, 'must be a whole number'],
    ['text instead of a list', z.array(z.string()), 'a', 'must be a list'],
    ['a list instead of an object', z.object({}), [], 'must be an object'],
    ['empty text', z.string().min(1), '', 'must not be empty'],
    ['text that is too short', z.string().min(3), 'a', 'must have at least 3 characters'],
    ['text that is too long', z.string().max(3), 'abcd', 'must have at most 3 characters'],
    ['an empty list', z.array(z.string()).min(1), [], 'must not be empty'],
    ['a list that is too long', z.array(z.string()).max(1), ['a', 'b'], 'must have at most 1 entry'],
    ['a number that is too small', z.number().min(2), 1, 'must be at least 2'],
    ['a number at an open bound', z.number().gt(2), 2, 'must be more than 2'],
    ['a number that is too large', z.number().max(2), 3, 'must be at most 2'],
    ['something other than a UUID', z.uuid(), 'x', 'must be a UUID'],
    ['something other than an e-mail address', z.email(), 'x', 'must be an e-mail address'],
    ['something other than a time', z.iso.datetime(), 'x', 'must be a time such as 2026-03-01T12:00:00Z'],
    ['a different constant', z.literal('a'), 'b', 'must be "a"'],
    ['an unknown choice', z.enum(['a', 'b']), 'c', 'must be one of "a", "b"'],
    [
      'a value that matches no member of a union',
      z.union([z.string(), z.number()]),
      true,
      'has none of the allowed forms',
    ],
  ])('explains %s', (_what, schema, value, words) => {
    expect(wordsFor(schema, value)).toEqual([words]);
  });

  it("is a schema's own message if there is one", () => {
    expect(wordsFor(z.string().regex(/^a/, 'must begin with an a'), 'b')).toEqual(['must begin with an a']);
  });
});
