import { describe, expect, it } from '@jest/globals';
import { MalformedBytes, readVarint, readVarlong, writeVarint, writeVarlong } from './varint.ts';

describe('a variable-length integer', () => {
  it.each([
    [0, '00'],
    [-1, '01'],
    [1, '02'],
    [-64, '7f'],
    [64, '8001'],
    [300, 'd804'],
    [2_147_483_647, 'feffffff0f'],
    [-2_147_483_648, 'ffffffff0f'],
  ])('of %d is written as %s and read again', (value, hex) => {
    const bytes: number[] = [];
    writeVarint(bytes, value);
    expect(Buffer.from(bytes).toString('hex')).toBe(hex);
    expect(readVarint({ bytes: Buffer.from(hex, 'hex'), position: 0 })).toBe(value);
  });

  it.each([0n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)])(
    'of 64 bits is read as it was written: %d',
    (value) => {
      const bytes: number[] = [];
      writeVarlong(bytes, value);
      const cursor = { bytes: Buffer.from(bytes), position: 0 };
      expect(readVarlong(cursor)).toBe(value);
      expect(cursor.position).toBe(bytes.length);
    },
  );

  it('is rejected if it is too long or ends too early', () => {
    expect(() => readVarint({ bytes: Buffer.alloc(6, 0x80), position: 0 })).toThrow(MalformedBytes);
    expect(() => readVarlong({ bytes: Buffer.alloc(11, 0x80), position: 0 })).toThrow(MalformedBytes);
    expect(() => readVarlong({ bytes: Buffer.alloc(3, 0x80), position: 0 })).toThrow(MalformedBytes);
  });
});
