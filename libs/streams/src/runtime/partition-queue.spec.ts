import { describe, expect, it } from '@jest/globals';
import { PartitionQueue } from './partition-queue.ts';
import { waitingRecords } from './waiting-records.fixture.ts';

interface Raw {
  readonly offset: bigint;
  readonly sizeBytes: number;
  readonly timeMs: number;
}

const raw = (offset: number, timeMs: number, sizeBytes = 10): Raw => ({
  offset: BigInt(offset),
  sizeBytes,
  timeMs,
});

const queueOf = (
  limits: Partial<{ bufferedRecordsMax: number; bufferedBytesMax: number }> = {},
  from = { offset: 0n, partitionTimeMs: -1 },
) =>
  new PartitionQueue<Raw, { timestampMs: number; offset: bigint }>(
    from,
    { bufferedRecordsMax: 1_000, bufferedBytesMax: 1_000_000, ...limits },
    ({ offset, timeMs }, partitionTimeMs) => {
      if (timeMs === -1) return undefined;
      return { offset, timestampMs: timeMs === 0 ? partitionTimeMs : timeMs };
    },
  );

describe('a partition queue', () => {
  it('returns records in the order of their offsets, whatever their times', () => {
    const queue = queueOf();
    queue.add(waitingRecords([raw(0, 300), raw(1, 100), raw(2, 200)]), 3n);

    expect([queue.take(), queue.take(), queue.take(), queue.take()].map((one) => one?.offset)).toEqual([
      0n,
      1n,
      2n,
      undefined,
    ]);
  });

  it('commits the offset of its first record, and the next fetch position once it is empty', () => {
    const queue = queueOf({}, { offset: 7n, partitionTimeMs: -1 });
    expect(queue.committableOffset).toBe(7n);
    queue.add(waitingRecords([raw(7, 100), raw(9, 100)]), 12n);

    const committable = [queue.committableOffset];
    while (queue.take() !== undefined) committable.push(queue.committableOffset);

    expect(committable).toEqual([7n, 9n, 12n]);
  });

  it('is not filled by empty batches, which compaction leaves behind', () => {
    const queue = queueOf({ bufferedBytesMax: 100 });
    const empty = { countMax: 0, sizeBytes: 61, next: () => undefined };
    queue.add(empty, 5n);
    queue.add(empty, 9n);

    expect({ isFull: queue.isFull, nextOffset: queue.nextOffset }).toEqual({ isFull: false, nextOffset: 9n });
  });

  it('omits skipped records, counts them and commits beyond them', () => {
    const queue = queueOf();
    queue.add(waitingRecords([raw(0, -1), raw(1, -1)]), 2n);
    expect(queue.records).toBe(0);
    expect(queue.skipped).toBe(2);
    expect(queue.committableOffset).toBe(2n);

    queue.add(waitingRecords([raw(2, -1), raw(3, 50)]), 4n);

    expect(queue.headTimeMs).toBe(50);
    expect(queue.committableOffset).toBe(3n);
  });

  it('keeps the largest time that was taken, so that an extractor can fall back to it', () => {
    const queue = queueOf({}, { offset: 0n, partitionTimeMs: 40 });
    queue.add(waitingRecords([raw(0, 0), raw(1, 90), raw(2, 60), raw(3, 0)]), 4n);

    const times = [1, 2, 3, 4].map(() => queue.take()?.timestampMs);

    expect(times).toEqual([40, 90, 60, 90]);
    expect(queue.partitionTimeMs).toBe(90);
  });

  it('is full at its limit of records', () => {
    const queue = queueOf({ bufferedRecordsMax: 2 });
    queue.add(waitingRecords([raw(0, 1)]), 1n);
    expect(queue.isFull).toBe(false);
    queue.add(waitingRecords([raw(1, 1)]), 2n);
    expect(queue.isFull).toBe(true);

    queue.take();

    expect(queue.isFull).toBe(false);
  });

  it('is full at its limit of bytes, not counting skipped records', () => {
    const queue = queueOf({ bufferedBytesMax: 100 });
    queue.add(waitingRecords([raw(0, -1, 99), raw(1, 1, 60)]), 2n);
    expect(queue.isFull).toBe(false);
    queue.add(waitingRecords([raw(2, 1, 40)]), 3n);
    expect(queue.isFull).toBe(true);

    queue.take();

    expect(queue.isFull).toBe(false);
  });

  it('decodes a record only after the previous one was taken', () => {
    const queue = queueOf();
    const records = waitingRecords([raw(0, 1), raw(1, -1), raw(2, 1), raw(3, 1)]);
    queue.add(records, 4n);
    expect(records.taken).toBe(1);

    queue.take();

    expect(records.taken).toBe(3);
    expect(queue.records).toBe(2);
  });

  it('has room again if a fetch brings fewer records than it announced', () => {
    const queue = queueOf({ bufferedRecordsMax: 3, bufferedBytesMax: 1_000 });
    queue.add({ ...waitingRecords([raw(0, 1)]), countMax: 3, sizeBytes: 1_000 }, 3n);
    expect(queue.isFull).toBe(true);

    queue.take();

    expect(queue.isFull).toBe(false);
    expect(queue.records).toBe(0);
  });

  it('holds many records in order, and releases those that were taken', () => {
    const queue = queueOf({ bufferedRecordsMax: 10_000 });
    for (let batch = 0; batch < 5; batch += 1) {
      const records = Array.from({ length: 1_000 }, (_, index) => raw(batch * 1_000 + index, 1));
      queue.add(waitingRecords(records), BigInt((batch + 1) * 1_000));
      for (let taken = 0; taken < 900; taken += 1)
        expect(queue.take()?.offset).toBe(BigInt(batch * 900 + taken));
    }

    expect(queue.records).toBe(500);
    expect(queue.committableOffset).toBe(4_500n);
  });
});
