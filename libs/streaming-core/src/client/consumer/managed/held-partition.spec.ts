import { describe, expect, it } from '@jest/globals';
import type { FetchedRecord } from '../../fetched-records.ts';
import { HeldPartition } from './held-partitions.ts';

const record = (offset: bigint): FetchedRecord => ({
  topic: 'orders',
  partition: 0,
  offset,
  timestampMs: 0,
  key: null,
  value: null,
  headers: new Map(),
  headerList: [],
});

const startedAt = (offset: bigint) => {
  const held = new HeldPartition({ topic: 'orders', partition: 0 });
  held.startAt(offset);
  return { held, reading: held.reading! };
};
const answer = (nextOffset: bigint, ...offsets: readonly bigint[]) => ({
  records: offsets.map(record),
  nextOffset,
});
const finish = (held: HeldPartition, taken: ReturnType<HeldPartition['takeRecord']>) =>
  taken && held.finish(taken.reading, taken.upTo);

describe('a partition that a consumer holds', () => {
  it('is finished up to the end of its fetch answer with the last record, and not only behind that record', () => {
    const { held, reading } = startedAt(5n);
    held.accept(reading, answer(12n, 5n, 8n), 10);

    finish(held, held.takeRecord());
    expect(held.finished).toBe(6n);
    finish(held, held.takeRecord());
    expect(held.finished).toBe(12n);
  });

  it('is finished behind markers once everything before them is', () => {
    const { held, reading } = startedAt(5n);
    held.accept(reading, answer(7n), 0);

    expect(held.finished).toBe(5n);
    expect(held.takeRecord()).toBeUndefined();
    expect(held.finished).toBe(7n);
  });

  it('drops what was buffered, in hand or on its way when it is sought', () => {
    const { held, reading } = startedAt(5n);
    held.accept(reading, answer(7n, 5n, 6n), 10);
    const inHand = held.takeRecord();

    held.startAt(3n);
    held.accept(reading, answer(9n, 7n, 8n), 10);
    finish(held, inHand);

    expect(held.canDeliver).toBe(false);
    expect(held.position).toBe(3n);
    expect(held.finished).toBe(3n);
    expect(held.bufferedBytes).toBe(0);
  });

  it('L87 keeps what it has while it is paused, and wants nothing more', () => {
    const { held, reading } = startedAt(5n);
    held.isPaused = true;
    held.accept(reading, answer(6n, 5n), 10);

    expect({ canDeliver: held.canDeliver, canFetch: held.canFetch }).toEqual({
      canDeliver: false,
      canFetch: false,
    });
    held.isPaused = false;
    expect(held.takeRecord()?.content.offset).toBe(5n);
    expect(held.canFetch).toBe(true);
  });

  it('wants one more answer while it delivers the first one', () => {
    const { held, reading } = startedAt(5n);
    held.accept(reading, answer(7n, 5n, 6n), 10);
    expect(held.canFetch).toBe(true);
    held.accept(reading, answer(8n, 7n), 10);
    expect(held.canFetch).toBe(false);

    held.takeRecord();
    expect({ isWithinAnswer: held.isWithinAnswer, canFetch: held.canFetch }).toEqual({
      isWithinAnswer: true,
      canFetch: false,
    });
    held.takeRecord();
    expect({ isWithinAnswer: held.isWithinAnswer, canFetch: held.canFetch }).toEqual({
      isWithinAnswer: false,
      canFetch: true,
    });
  });

  it('has its position at the next record, behind an answer that only had markers', () => {
    const { held, reading } = startedAt(5n);
    held.accept(reading, answer(7n), 0);
    held.accept(reading, answer(9n, 7n, 8n), 10);
    expect(held.position).toBe(7n);
  });

  it('L84 needs no commit behind an offset that the application has committed, unless it is sought', () => {
    const { held, reading } = startedAt(5n);
    held.accept(reading, answer(7n, 5n, 6n), 10);
    held.takeRecord();
    held.committed = 6n;

    expect(held.isAhead).toBe(false);
    held.startAt(2n);
    expect(held.isAhead).toBe(true);
  });
});
