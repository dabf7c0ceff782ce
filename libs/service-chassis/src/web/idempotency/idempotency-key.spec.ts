import { describe, expect, it } from '@jest/globals';
import { readIdempotencyKey, identityOf } from './idempotency-key.ts';

describe('an idempotency key', () => {
  it.each([
    ['bare', '8e03978e-40d5', '8e03978e-40d5'],
    ['in quotes, as in the draft', '"8e03978e-40d5"', '8e03978e-40d5'],
    ['with an escaped quote', String.raw`"a\"b\\c"`, String.raw`a"b\c`],
    ['of 255 characters', 'k'.repeat(255), 'k'.repeat(255)],
  ])('is accepted %s', (_what, header, key) => {
    expect(readIdempotencyKey(header)).toBe(key);
  });

  it.each([
    ['empty', ''],
    ['empty in quotes', '""'],
    ['with a space', 'a b'],
    ['with a space in quotes', '"a b"'],
    ['sent twice', 'a, b'],
    ['of 256 characters', 'k'.repeat(256)],
    ['not ASCII', 'schlüssel'],
    ['with a control character', 'a\tb'],
    ['without its second quote', '"a'],
    ['with parameters', '"a";b=1'],
    ['with a stray backslash', String.raw`"a\b"`],
  ])('is rejected with a 400 that names the header when it is %s', (_what, header) => {
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

describe('the identity of a request', () => {
  const identity = (changes: object) =>
    identityOf({ route: 'POST /a/:id', parameters: { id: '1' }, key: 'k', body: {}, ...changes });
  const fingerprint = (body: unknown) => identity({ body }).fingerprint.toString('hex');

  it('has the same fingerprint whatever the order of its fields', () => {
    expect(fingerprint({ a: 1, b: [{ c: 1, d: null }] })).toBe(fingerprint({ b: [{ d: null, c: 1 }], a: 1 }));
  });

  it.each([
    ['a different value', { a: 1 }, { a: 2 }],
    ['a different type', { a: 1 }, { a: '1' }],
    ['a different order of a list', [1, 2], [2, 1]],
    ['an additional null', {}, { a: null }],
    ['a different nesting', { a: { b: 1 }, c: 2 }, { a: { b: 1, c: 2 } }],
    ['a body instead of none', undefined, {}],
  ])('has a different fingerprint with %s', (_what, one, other) => {
    expect(fingerprint(one)).not.toBe(fingerprint(other));
  });

  it.each([
    ['a different route', { route: 'POST /b/:id' }],
    ['a different parameter', { parameters: { id: '2' } }],
    ['a different key', { key: 'l' }],
  ])('has a different id with %s', (_what, change) => {
    expect(identity(change).id.equals(identity({}).id)).toBe(false);
  });
});
