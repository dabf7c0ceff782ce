import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import type { Serde } from './serde.ts';
import { serdes } from './serdes.ts';

const hex = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('hex'));
const unhex = (text: string) => Buffer.from(text, 'hex');

interface Encoded {
  readonly name: keyof typeof simple;
  readonly value: unknown;
  readonly bytes: string;
}

const { string, long, safeLong, integer, double, boolean, uuid } = serdes;
const simple = { string, long, safeLong, integer, double, boolean, uuid, json: serdes.json() };

/** Values, and their bytes by Kafka's serializers. */
const known: readonly Encoded[] = [
  { name: 'string', value: 'aé€😀', bytes: '61c3a9e282acf09f9880' },
  { name: 'string', value: '', bytes: '' },
  { name: 'long', value: 1n, bytes: '0000000000000001' },
  { name: 'long', value: -2n, bytes: 'fffffffffffffffe' },
  { name: 'long', value: 2n ** 63n - 1n, bytes: '7fffffffffffffff' },
  { name: 'safeLong', value: 301_000, bytes: '00000000000497c8' },
  { name: 'safeLong', value: -1, bytes: 'ffffffffffffffff' },
  { name: 'safeLong', value: Number.MAX_SAFE_INTEGER, bytes: '001fffffffffffff' },
  { name: 'safeLong', value: Number.MIN_SAFE_INTEGER, bytes: 'ffe0000000000001' },
  { name: 'integer', value: -2_147_483_648, bytes: '80000000' },
  { name: 'double', value: 1.5, bytes: '3ff8000000000000' },
  { name: 'double', value: -0, bytes: '8000000000000000' },
  { name: 'double', value: Number.NaN, bytes: '7ff8000000000000' },
  { name: 'boolean', value: true, bytes: '01' },
  { name: 'boolean', value: false, bytes: '00' },
  {
    name: 'uuid',
    value: '0f8fad5b-d9cb-469f-a165-70867728950e',
    bytes: '30663866616435622d643963622d343639662d613136352d373038363737323839353065',
  },
  { name: 'json', value: { a: [1, null, 'é'] }, bytes: '7b2261223a5b312c6e756c6c2c22c3a9225d7d' },
];

describe('the serdes', () => {
  it.each(known)('write $value as $name in the bytes $bytes of Java', ({ name, value, bytes }) => {
    const serde: Serde<unknown> = simple[name] as Serde<unknown>;

    expect(hex(serde.encode(value as never, 'orders'))).toBe(bytes);
    expect(serde.decode(unhex(bytes), 'orders')).toEqual(value);
  });

  it('name the serde, the topic and the expected length if the length is wrong', () => {
    const five = unhex('0102030405');

    expect(() => serdes.long.decode(five, 'orders')).toThrow(
      'serde long, topic orders: expected 8 bytes, got 5. Give the topic the serde that it was written with',
    );
    expect(() => serdes.safeLong.decode(five, 'orders')).toThrow('safeLong, topic orders: expected 8 bytes');
    expect(() => serdes.double.decode(five, 'orders')).toThrow('double, topic orders: expected 8 bytes');
    expect(() => serdes.integer.decode(five, 'orders')).toThrow('integer, topic orders: expected 4 bytes');
    expect(() => serdes.boolean.decode(five, 'orders')).toThrow('boolean, topic orders: expected 1 byte,');
  });

  it('refuse a value that is not of their type', () => {
    expect(() => serdes.string.encode(1 as never, 'orders')).toThrow('1 is not a string');
    expect(() => serdes.bytes.encode('a' as never, 'orders')).toThrow('a is not a Uint8Array');
    expect(() => serdes.long.encode(2n ** 63n, 'orders')).toThrow('is not a bigint of 64 bits');
    expect(() => serdes.long.encode(1 as never, 'orders')).toThrow('1 is not a bigint of 64 bits');
    expect(() => serdes.integer.encode(2 ** 31, 'orders')).toThrow('is not an integer of 32 bits');
    expect(() => serdes.integer.encode(0.5, 'orders')).toThrow('0.5 is not an integer of 32 bits');
    expect(() => serdes.double.encode('1' as never, 'orders')).toThrow('1 is not a number');
    expect(() => serdes.boolean.encode(1 as never, 'orders')).toThrow('1 is not a boolean');
    expect(() => serdes.boolean.decode(unhex('02'), 'orders')).toThrow('expected 0 or 1, got 2');
    expect(() => serdes.uuid.encode('abc', 'orders')).toThrow(
      'expected the 36 characters of a UUID, got "abc"',
    );
  });

  it('read numbers from the middle of a larger buffer', () => {
    const large = unhex('ffff0000000000000007ffff');

    expect(serdes.safeLong.decode(large.subarray(2, 10), 'orders')).toBe(7);
    expect(serdes.long.decode(large.subarray(2, 10), 'orders')).toBe(7n);
  });

  it('write a UUID in lower case, as Java does', () => {
    const encoded = serdes.uuid.encode('0F8FAD5B-D9CB-469F-A165-70867728950E', 'orders');

    expect(Buffer.from(encoded ?? []).toString()).toBe('0f8fad5b-d9cb-469f-a165-70867728950e');
  });

  it('read and write every text that has a UTF-8 form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(serdes.string.decode(serdes.string.encode(text, 't') ?? unhex(''), 't')).toBe(text);
      }),
    );
  });

  it('write half of a surrogate pair as a question mark', () => {
    expect(hex(serdes.string.encode('a\ud800b', 'orders'))).toBe('613f62');
  });

  it('read bytes that are not UTF-8 as Java does', () => {
    expect(serdes.string.decode(unhex('efbbbf61'), 'orders')).toBe('\ufeffa');
    expect(serdes.string.decode(unhex('eda08041f4f5'), 'orders')).toBe('\ufffdA\ufffd\ufffd');
    expect(serdes.string.decode(unhex('80edbfc290f0'), 'orders')).toBe('\ufffd\ufffd\u0090\ufffd');
  });

  it('give the same bytes for a number and for a bigint', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const bytes = serdes.safeLong.encode(value, 't') ?? unhex('');

        expect(hex(bytes)).toBe(hex(serdes.long.encode(BigInt(value), 't')));
        expect(serdes.safeLong.decode(bytes, 't')).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  it('never lose the end of a large number', () => {
    const beyond = serdes.long.encode(2n ** 53n + 1n, 'orders') ?? unhex('');

    expect(() => serdes.safeLong.encode(2 ** 53, 'orders')).toThrow('9007199254740992 is not a safe integer');
    expect(() => serdes.safeLong.decode(beyond, 'orders')).toThrow(
      '9007199254740993 is beyond 2^53 - 1. Use the serde long, whose values are bigint',
    );
    expect(() => serdes.safeLong.decode(unhex('8000000000000000'), 'orders')).toThrow('is beyond 2^53 - 1');
  });
});
