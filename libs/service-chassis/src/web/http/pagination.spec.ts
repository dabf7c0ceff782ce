import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { decodeCursor, encodeCursor, pageFrom, pageQuery } from './pagination.ts';
import { ProblemError } from '../problems/problem.ts';

const position = z.strictObject({ placedAt: z.string(), id: z.string() });

describe('a paged list', () => {
  it('has a cursor only when there are more items', () => {
    expect(pageFrom([1, 2, 3], 2, (n) => n)).toEqual({ items: [1, 2], nextCursor: encodeCursor(2) });
    expect(pageFrom([1, 2], 2, (n) => n)).toEqual({ items: [1, 2], nextCursor: null });
    expect(pageFrom([], 2, (n) => n)).toEqual({ items: [], nextCursor: null });
  });

  it('decodes a cursor that it issued', () => {
    const given = { placedAt: '2026-11-20T09:00:00.000Z', id: 'o1' };
    expect(decodeCursor(encodeCursor(given), position)).toEqual(given);
    expect(decodeCursor(undefined, position)).toBeUndefined();
  });

  it.each(['nonsense', encodeCursor({ id: 1 }), '%%%'])('refuses the cursor %s and names it', (cursor) => {
    expect(() => decodeCursor(cursor, position)).toThrow(ProblemError);
  });

  it('accepts a limit of 1 to 200, and 50 by default', () => {
    const query = z.object(pageQuery);
    expect(query.parse({})).toEqual({ limit: 50 });
    expect(query.safeParse({ limit: '201' }).success).toBe(false);
    expect(query.safeParse({ limit: '0' }).success).toBe(false);
  });
});
