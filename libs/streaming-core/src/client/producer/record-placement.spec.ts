import { describe, expect, it } from '@jest/globals';
import { encodeRecord, type EncodedRecord } from './record-encoding.ts';
import { roundRobinPartitioner, stickyPartitioner, type Partitioner, placeRecords } from './partitioners.ts';

const encode = (key: string | null, partition?: number) =>
  encodeRecord({ topic: 'orders', key, value: 'v', partition }, 0, 0, 1_000);

/** Returns the partitions of the records of one send. */
const place = (records: readonly EncodedRecord[], partitions = 3, partitioner = stickyPartitioner()) =>
  placeRecords(records, new Map([['orders', partitions]]), partitioner);

describe('placing records', () => {
  it('L08 sends user_123 to the third of three partitions', () => {
    expect(place([encode('user_123')])).toEqual([2]);
    expect(place([encode('user_123')], 3, roundRobinPartitioner())).toEqual([2]);
  });

  it('uses an explicit partition and rejects one that does not exist', () => {
    expect(place([encode('user_123', 1)])).toEqual([1]);
    expect(() => place([encode('user_123', 3)])).toThrow(/no partition 3/);
  });

  it('keeps keyless records together, and moves to the next partition when their batch is sealed', () => {
    const sticky = stickyPartitioner();
    const send = () => place([encode(null), encode('user_123'), encode(null)], 3, sticky);
    expect(send()).toEqual([0, 2, 0]);
    expect(send()).toEqual([0, 2, 0]);
    sticky.onBatchSealed?.('orders', 2);
    expect(send()).toEqual([0, 2, 0]);
    sticky.onBatchSealed?.('orders', 0);
    expect(send()).toEqual([1, 2, 1]);
    sticky.onBatchSealed?.('orders', 1);
    sticky.onBatchSealed?.('orders', 1);
    expect(send()).toEqual([2, 2, 2]);
    sticky.onBatchSealed?.('orders', 2);
    expect(send()).toEqual([0, 2, 0]);
  });

  it('hashes an empty key like any other key', () => {
    expect(place([encode('')], 12)).toEqual([9]);
  });

  it('gives keyless records to each partition in turn with the round-robin partitioner, across sends', () => {
    const roundRobin = roundRobinPartitioner();
    expect(
      place(
        [1, 2, 3, 4, 5].map(() => encode(null)),
        3,
        roundRobin,
      ),
    ).toEqual([0, 1, 2, 0, 1]);
    expect(place([encode(null), encode('user_123'), encode(null)], 3, roundRobin)).toEqual([2, 2, 0]);
  });

  it('calls a custom partitioner once per record without a partition and rejects a result that is not a partition', () => {
    const asked: unknown[] = [];
    const own = (answer: number): Partitioner => ({
      partition(...question) {
        asked.push(question);
        return answer;
      },
    });
    expect(place([encode('user_123'), encode(null), encode('x', 0)], 2, own(1))).toEqual([1, 1, 0]);
    expect(asked).toEqual([
      [Buffer.from('user_123'), [0, 1], 'orders'],
      [null, [0, 1], 'orders'],
    ]);
    for (const answer of [2, -1, 0.5, NaN])
      expect(() => place([encode(null)], 2, own(answer))).toThrow(/no partition/);
  });
});
