import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { readInt32, readInt64, writeInt32 } from '../serdes/number-serdes.ts';
import { int64 } from './bytes.ts';

describe('an int64', () => {
  it('has the bytes of a big-endian int64, up to 2^53 - 1', () => {
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (value) => {
        const bytes = int64(value);
        expect(Buffer.from(bytes).readBigInt64BE()).toBe(BigInt(value));
        expect(readInt64(bytes, 0)).toBe(value);
      }),
    );
  });

  it('reads negative numbers, and limits what is too large to write', () => {
    const minusOne = Buffer.alloc(8, 0xff);
    expect(readInt64(minusOne, 0)).toBe(-1);
    expect(readInt64(int64(Number.POSITIVE_INFINITY), 0)).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('an int32', () => {
  it('has the bytes of a big-endian int32', () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const bytes = new Uint8Array(6);
        writeInt32(bytes, 1, value);
        expect(Buffer.from(bytes).readInt32BE(1)).toBe(value);
        expect(readInt32(bytes, 1)).toBe(value);
      }),
    );
  });
});
