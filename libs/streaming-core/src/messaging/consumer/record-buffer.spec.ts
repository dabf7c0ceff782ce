import { describe, expect, it } from '@jest/globals';
import type { ConsumedRecord } from '../../client/index.ts';
import { RecordBuffer } from './record-buffer.ts';

const records = (...offsets: number[]): ConsumedRecord[] =>
  offsets.map((offset) => ({
    topic: 't',
    partition: 0,
    offset: BigInt(offset),
    timestampMs: 0,
    key: null,
    value: Buffer.alloc(10),
    headers: new Map(),
  }));
const offsetsOf = (taken: { records: readonly ConsumedRecord[] }) =>
  taken.records.map(({ offset }) => Number(offset));

describe('the record buffer', () => {
  it('ends a batch at the next record or at the fetched offset, so that it passes gaps in the log', () => {
    const buffer = new RecordBuffer(5n);
    buffer.accept(5n, records(5, 6, 9), 12n);

    expect(buffer.take(2)).toMatchObject({ from: 5n, to: 9n });
    buffer.advanceTo(9n);
    expect(buffer.take(2)).toMatchObject({ from: 9n, to: 12n });
    buffer.advanceTo(12n);
    expect(buffer.pending).toBe(false);
    buffer.accept(12n, [], 20n);
    expect(buffer.take(2)).toEqual({ from: 12n, to: 20n, records: [] });
  });

  it('ignores an answer for another position, and records below the position', () => {
    const buffer = new RecordBuffer(5n);
    buffer.accept(4n, records(4, 5), 6n);
    expect(buffer.records).toBe(0);
    buffer.accept(5n, records(3, 4, 5), 6n);

    expect(offsetsOf(buffer.take(10))).toEqual([5]);
  });

  it('drops records that were committed elsewhere, even beyond the fetched offset, and updates its bytes', () => {
    const buffer = new RecordBuffer(0n);
    buffer.accept(0n, records(0, 1, 2), 3n);
    expect(buffer.bytes).toBe(30);
    buffer.advanceTo(2n);
    expect(buffer.bytes).toBe(10);
    expect(offsetsOf(buffer.take(10))).toEqual([2]);
    buffer.advanceTo(7n);

    expect(buffer.bytes).toEqual(0);
    expect(buffer.records).toEqual(0);
    expect(buffer.fetchedTo).toEqual(7n);
  });
});
