import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { issueWords } from './issue-words.ts';

const wordsFor = (schema: z.ZodType, value: unknown): readonly string[] =>
  schema.safeParse(value, { error: issueWords }).error?.issues.map(({ message }) => message) ?? [];

describe('what is wrong with a field', () => {
  it.each([
    ['a missing text', z.string(), undefined, 'is missing'],
    ['a missing choice', z.enum(['a', 'b']), undefined, 'is missing'],
    ['a number for a text', z.string(), 7, 'must be text'],
    ['a text for a number', z.number(), '7', 'must be a number'],
    ['a fraction for a whole number', z.int(), 1.5, 'must be a whole number'],
    ['a text for a list', z.array(z.string()), 'a', 'must be a list'],
    ['a list for an object', z.object({}), [], 'must be an object'],
    ['an empty text', z.string().min(1), '', 'must not be empty'],
    ['a short text', z.string().min(3), 'a', 'must have at least 3 characters'],
    ['a long text', z.string().max(3), 'abcd', 'must have at most 3 characters'],
    ['an empty list', z.array(z.string()).min(1), [], 'must not be empty'],
    ['a long list', z.array(z.string()).max(1), ['a', 'b'], 'must have at most 1 entries'],
    ['a small number', z.number().min(2), 1, 'must be at least 2'],
    ['a number at an open bound', z.number().gt(2), 2, 'must be more than 2'],
    ['a large number', z.number().max(2), 3, 'must be at most 2'],
    ['no UUID', z.uuid(), 'x', 'must be a UUID'],
    ['no e-mail address', z.email(), 'x', 'must be an e-mail address'],
    ['no time', z.iso.datetime(), 'x', 'must be a time such as 2026-03-01T12:00:00Z'],
    ['another constant', z.literal('a'), 'b', 'must be "a"'],
    ['another choice', z.enum(['a', 'b']), 'c', 'must be one of "a", "b"'],
    [
      'no form of several',
      z.union([z.string(), z.number()]),
      true,
      'has none of the forms that are allowed here',
    ],
  ])('says %s in words', (_what, schema, value, words) => {
    expect(wordsFor(schema, value)).toEqual([words]);
  });

  it("leaves a schema's own words alone", () => {
    expect(wordsFor(z.string().regex(/^a/, 'must begin with an a'), 'b')).toEqual(['must begin with an a']);
  });
});
