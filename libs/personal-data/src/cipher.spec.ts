import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { decrypt, encrypt } from './loaded-keys.ts';

const key = createSecretKey(Buffer.alloc(32, 7));
const nonce = Buffer.alloc(12, 9);

describe('the cipher', () => {
  it('agrees with the test case of NIST for AES-256-GCM', () => {
    const zeroKey = createSecretKey(Buffer.alloc(32));
    // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 14.
    const expected = 'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919';

    const data = encrypt(zeroKey, Buffer.alloc(12), '', '\0'.repeat(16));

    expect(Buffer.from(data, 'base64url').subarray(12).toString('hex')).toBe(expected);
  });

  it('decrypts what it has encrypted', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'é', '\u{1f600}', '"', '\0') }),
        fc.string(),
        (text, context) => {
          expect(decrypt(key, context, encrypt(key, nonce, context, text))).toBe(text);
        },
      ),
    );
  });

  it('refuses data of which one byte was changed', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.integer({ min: 1, max: 255 }), (text, at, change) => {
        const bytes = Buffer.from(encrypt(key, nonce, 'context', text), 'base64url');
        bytes[at % bytes.length]! ^= change;
        expect(decrypt(key, 'context', bytes.toString('base64url'))).toBeUndefined();
      }),
    );
  });

  it.each([
    ['with another key', () => decrypt(createSecretKey(Buffer.alloc(32, 8)), 'context', data)],
    ['in another context', () => decrypt(key, 'other', data)],
    ['without its last byte', () => decrypt(key, 'context', data.slice(0, -2))],
    ['without anything', () => decrypt(key, 'context', '')],
  ])('does not open data %s', (_, open) => {
    expect(open()).toBeUndefined();
  });
});

const data = encrypt(key, nonce, 'context', 'a text');
