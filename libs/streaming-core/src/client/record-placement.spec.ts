import { describe, expect, it } from '@jest/globals';
import { encodeRecord } from './record-encoding.ts';
import { placeRecord, splitIntoRequests, type PlacedRecord } from './record-placement.ts';

const encode = (key: string | null, partition?: number) => encodeRecord({ topic: 'orders', key, value: 'v', partition }, 0, 0, 1_000);

const placedOfSize = (sizeBytes: number): PlacedRecord => ({ ...placeRecord(encode('k'), 3, 0), sizeBytes });

describe('placing records', () => {
  it('sends user_123 to the third of three partitions (G03)', () => {
    expect(placeRecord(encode('user_123'), 3, 0).partition).toBe(2);
  });

  it('prefers an explicit partition and refuses one that does not exist', () => {
    expect(placeRecord(encode('user_123', 1), 3, 0).partition).toBe(1);
    expect(() => placeRecord(encode('user_123', 3), 3, 0)).toThrow(/no partition 3/);
  });

  it('spreads keyless records by turns, and hashes the empty key', () => {
    expect([0, 1, 2, 3].map((turn) => placeRecord(encode(null), 3, turn).partition)).toEqual([0, 1, 2, 0]);
    expect(placeRecord(encode(''), 12, 5).partition).toBe(9);
  });

  it('cuts requests in order, by bytes and by count', () => {
    const sizesOf = (records: readonly PlacedRecord[], requestBytesMax: number, requestRecordsMax: number) =>
      splitIntoRequests(records, { requestBytesMax, requestRecordsMax }).map((request) => request.map((record) => record.sizeBytes));

    expect(sizesOf([10, 20, 30, 40].map(placedOfSize), 60, 10)).toEqual([[10, 20, 30], [40]]);
    expect(sizesOf([10, 20, 30].map(placedOfSize), 1_000, 2)).toEqual([[10, 20], [30]]);
    expect(sizesOf([70, 10].map(placedOfSize), 60, 10)).toEqual([[70], [10]]);
    expect(sizesOf([], 60, 10)).toEqual([]);
  });
});
