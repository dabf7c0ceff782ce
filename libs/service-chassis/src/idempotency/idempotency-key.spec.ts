import { describe, expect, it } from '@jest/globals';
import { readIdempotencyKey } from './idempotency-key.ts';
import { identityOf } from './request-identity.ts';

describe('an idempotency key', () => {
  it.each([
    ['bare', '8e03978e-40d5', '8e03978e-40d5'],
    ['in quotes, as the draft has it', '"8e03978e-40d5"', '8e03978e-40d5'],
    ['with an escaped quote', String.raw`"a\"b\\c"`, String.raw`a"b\c`],
    ['of 255 characters', 'k'.repeat(255), 'k'.repeat(255)],
  ])('%s is read', (_what, header, key) => {
    expect(readIdempotencyKey(header)).toBe(key);
  });

  it.each([
    ['empty', ''],
    ['empty in quotes', '""'],
    ['with a space', 'a b'],
    ['with a space in quotes', '"a b"'],
    ['sent twice', 'a, b'],
    ['of 256 characters', 'k'.repeat(256)],
    ['beyond ASCII', 'schlüssel'],
    ['with a control character', 'a\tb'],
    ['without its second quote', '"a'],
    ['with parameters', '"a";b=1'],
    ['with a stray backslash', String.raw`"a\b"`],
  ])('%s is a 400 that names the header', (_what, header) => {
    expect(() => readIdempotencyKey(header)).toThrow(
      expect.objectContaining({
        problem: expect.objectContaining({
          status: 400,
          errors: [expect.objectContaining({ field: 'Idempotency-Key' })],
        }),
      }),
    );
  });
});

describe('what a request asked for', () => {
  const identity = (changes: object) =>
    identityOf({ route: 'POST /a/:id', parameters: { id: '1' }, key: 'k', body: {}, ...changes });
  const fingerprint = (body: unknown) => identity({ body }).fingerprint.toString('hex');

  it('is the same whatever the order of its fields', () => {
    expect(fingerprint({ a: 1, b: [{ c: 1, d: null }] })).toBe(fingerprint({ b: [{ d: null, c: 1 }], a: 1 }));
  });

  it.each([
    ['another value', { a: 1 }, { a: 2 }],
    ['another type', { a: 1 }, { a: '1' }],
    ['another order of a list', [1, 2], [2, 1]],
    ['a null more', {}, { a: null }],
    ['another nesting', { a: { b: 1 }, c: 2 }, { a: { b: 1, c: 2 } }],
    ['a body at all', undefined, {}],
  ])('is another with %s', (_what, one, other) => {
    expect(fingerprint(one)).not.toBe(fingerprint(other));
  });

  it.each([
    ['another route', { route: 'POST /b/:id' }],
    ['another parameter', { parameters: { id: '2' } }],
    ['another key', { key: 'l' }],
  ])('is another request on %s', (_what, change) => {
    expect(identity(change).id.equals(identity({}).id)).toBe(false);
  });
});
