import { describe, expect, it } from '@jest/globals';
import { RecordBatch } from '../../records/record-batch.ts';
import { encodeBatch } from '../../records/record-batch-encoder.ts';
import { isPlausibleIndex, SparseIndex } from './sparse-index.ts';

const baseOffset = 9_007_199_254_740_993n;

/** An index of batches of the same size with one record each. Every second batch has an entry. */
function indexOf(...timestamps: number[]) {
  const batches = timestamps.map((timestamp, place) =>
    encodeBatch([{ value: Buffer.from('v') }], {
      timestampMs: BigInt(timestamp),
      baseOffset: baseOffset + BigInt(place),
    }),
  );
  const size = batches[0]!.length;
  const index = new SparseIndex(baseOffset, size + 1);
  batches.forEach((bytes, place) => index.observe(new RecordBatch(bytes), place * size));
  return { index, size };
}

describe('a sparse index', () => {
  it("is encoded in Kafka's format: relative last offset and position, timestamp and relative offset", () => {
    const { index, size } = indexOf(10, 20, 30, 25, 40);
    index.addTimeEntry();
    expect(index.offsetBytes.toString('hex')).toBe(
      ['00000002', hex32(2 * size), '00000004', hex32(4 * size)].join(''),
    );
    expect(index.timeBytes.toString('hex')).toBe(`${hex64(30)}00000002${hex64(40)}00000004`);
  });

  it('finds a position at or before an offset beyond 2^53', () => {
    const { index, size } = indexOf(1, 2, 3, 4, 5, 6);
    expect(
      [0n, 1n, 2n, 3n, 4n, 5n].map((relative) => index.lookup(baseOffset + relative).position / size),
    ).toEqual([0, 0, 2, 2, 4, 4]);
  });

  it('finds an offset before which every record is older', () => {
    const { index } = indexOf(10, 50, 30, 40, 60, 20);
    const startOf = (timestamp: number) => index.lookupTimestamp(BigInt(timestamp)) - baseOffset;
    expect([5, 49, 50, 59, 60].map(startOf)).toEqual([0n, 0n, 1n, 1n, 4n]);
    expect(index.maxTimestamp).toEqual({ timestampMs: 60n, offset: baseOffset + 4n });
  });

  it('is restored from its bytes', () => {
    const { index, size } = indexOf(1, 2, 3, 4, 5, 6);
    index.addTimeEntry();
    const restored = new SparseIndex(baseOffset, size + 1, {
      offsets: index.offsetBytes,
      times: index.timeBytes,
    });
    expect(restored.lookup(baseOffset + 3n)).toEqual(index.lookup(baseOffset + 3n));
    expect(restored.maxTimestamp).toEqual(index.maxTimestamp);
  });

  it('is full when either file is, and the time index one entry earlier', () => {
    const { index } = indexOf(10, 20, 30, 25, 40); // two entries in each
    expect([16, 24, 36, 48].map((bytesMax) => index.isFull(bytesMax))).toEqual([true, true, true, false]);
    const { index: ofOneTime } = indexOf(10, 5, 5, 5, 5);
    expect([16, 23, 24, 36].map((bytesMax) => ofOneTime.isFull(bytesMax))).toEqual([true, true, true, false]);
  });

  it('is rejected if entries are cut off, fall, or point outside the log', () => {
    const { index, size } = indexOf(1, 2, 3, 4, 5, 6);
    index.addTimeEntry();
    const stored = { offsets: index.offsetBytes, times: index.timeBytes };
    expect(isPlausibleIndex(stored, 6 * size)).toBe(true);
    expect(isPlausibleIndex({ ...stored, offsets: stored.offsets.subarray(0, 7) }, 6 * size)).toBe(false);
    expect(isPlausibleIndex({ ...stored, times: stored.times.subarray(0, 13) }, 6 * size)).toBe(false);
    expect(isPlausibleIndex({ ...stored, times: Buffer.alloc(0) }, 6 * size)).toBe(false);
    expect(isPlausibleIndex({ ...stored, offsets: Buffer.alloc(16) }, 6 * size)).toBe(false);
    expect(isPlausibleIndex({ ...stored, times: Buffer.alloc(24) }, 6 * size)).toBe(false);
    expect(isPlausibleIndex({ ...stored, offsets: Buffer.from('00000001ffffffff', 'hex') }, 6 * size)).toBe(
      false,
    );
    expect(isPlausibleIndex(stored, 4 * size)).toBe(false);
  });

  it('is plausible if and only if its times rise, in any of their 64 bits', () => {
    const rising = [-1n, 0n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 32n + 1n, 2n ** 53n, 2n ** 53n + 1n];
    const plausible = (before: bigint, after: bigint) => {
      const times = Buffer.alloc(24);
      times.writeBigInt64BE(before, 0);
      times.writeBigInt64BE(after, 12);
      return isPlausibleIndex({ offsets: Buffer.alloc(0), times }, 1);
    };
    for (const before of rising)
      for (const after of rising) {
        const isPlausible = plausible(before, after);
        expect({ before, after, isPlausible }).toEqual({ before, after, isPlausible: after > before });
      }
  });
});

const hex32 = (value: number) => value.toString(16).padStart(8, '0');
const hex64 = (value: number) => value.toString(16).padStart(16, '0');
