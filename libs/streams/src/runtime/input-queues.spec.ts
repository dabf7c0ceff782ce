import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { InputQueues } from './input-queues.ts';
import { PartitionQueue } from './partition-queue.ts';
import { waitingRecords } from './waiting-records.fixture.ts';

interface Raw {
  readonly offset: bigint;
  readonly sizeBytes: number;
  readonly timestampMs: number;
}

function inputsOf(maxTaskIdleMs: number, ...names: readonly string[]) {
  const limits = { bufferedRecordsMax: 1_000, bufferedBytesMax: 1_000_000 };
  const from = { offset: 0n, partitionTimeMs: -1 };
  const queues = new Map(
    names.map((name) => [name, new PartitionQueue<Raw, Raw>(from, limits, (raw) => raw)]),
  );
  const inputs = new InputQueues(queues, maxTaskIdleMs);
  const add = (name: string, ...times: readonly number[]) => {
    const queue = queues.get(name)!;
    const records = times.map((timestampMs, index) => ({
      offset: queue.nextOffset + BigInt(index),
      sizeBytes: 1,
      timestampMs,
    }));
    queue.add(waitingRecords(records), queue.nextOffset + BigInt(times.length));
  };
  return { inputs, add };
}

describe('the choice among partitions', () => {
  it('T10 takes the record with the lowest time at the head of a partition', () => {
    const { inputs, add } = inputsOf(0, 'a', 'b', 'c');
    add('a', 30, 5);
    add('b', 20, 40);
    add('c', 20, 10);

    const times = [1, 2, 3, 4, 5, 6].map(() => inputs.next()?.take()?.timestampMs);

    expect(times).toEqual([20, 20, 10, 30, 5, 40]);
    expect(inputs.next()).toBeUndefined();
  });

  it('merges partitions that are ordered by time into one ordered stream', () => {
    const ordered = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 30 });
    fc.assert(
      fc.property(ordered, ordered, ordered, (...partitions) => {
        const { inputs, add } = inputsOf(0, 'a', 'b', 'c');
        ['a', 'b', 'c'].forEach((name, index) =>
          add(name, ...partitions[index]!.toSorted((one, other) => one - other)),
        );
        const taken: number[] = [];
        for (let queue = inputs.next(); queue !== undefined; queue = inputs.next())
          taken.push(queue.take()!.timestampMs);

        expect(taken).toEqual(partitions.flat().sort((one, other) => one - other));
      }),
    );
  });
});

describe('a task with an empty partition', () => {
  it('is not ready without any record', () => {
    for (const idle of [-1, 0, 10]) {
      const { inputs } = inputsOf(idle, 'a', 'b');
      inputs.setLag('a', 0n);
      inputs.setLag('b', 0n);
      expect(inputs.isReady(1_000)).toBe(false);
    }
  });

  it('is ready at once if maxTaskIdleMs is -1', () => {
    const { inputs, add } = inputsOf(-1, 'a', 'b');
    add('a', 1);

    expect(inputs.isReady(0)).toBe(true);
  });

  it('T10 waits until the partition is known to have no more records if maxTaskIdleMs is 0', () => {
    const { inputs, add } = inputsOf(0, 'a', 'b');
    add('a', 1);
    expect(inputs.isReady(0)).toBe(false);
    inputs.setLag('b', 3n);
    expect(inputs.isReady(1_000_000)).toBe(false);

    inputs.setLag('b', 0n);

    expect(inputs.isReady(1_000_000)).toBe(true);
  });

  it('waits for no record that it has read already', () => {
    const { inputs, add } = inputsOf(0, 'a', 'b');
    add('a', 1);
    inputs.setLag('b', -2n);

    expect(inputs.isReady(0)).toBe(true);
  });

  it('waits for maxTaskIdleMs after that if it is above 0', () => {
    const { inputs, add } = inputsOf(100, 'a', 'b');
    add('a', 1);
    inputs.setLag('b', 0n);

    const ready = [0, 99, 100].map((nowMs) => inputs.isReady(nowMs));

    expect(ready).toEqual([false, false, true]);
  });

  it('restarts its wait if the partition had a record or a lag in the meantime', () => {
    const { inputs, add } = inputsOf(100, 'a', 'b');
    add('a', 1, 2, 3);
    inputs.setLag('b', 0n);
    expect(inputs.isReady(0)).toBe(false);
    inputs.setLag('b', 1n);
    expect(inputs.isReady(50)).toBe(false);
    inputs.setLag('b', 0n);
    expect(inputs.isReady(60)).toBe(false);
    expect(inputs.isReady(159)).toBe(false);
    expect(inputs.isReady(160)).toBe(true);

    add('b', 0);
    expect(inputs.isReady(170)).toBe(true);
    inputs.next()?.take();

    expect(inputs.isReady(200)).toBe(false);
    expect(inputs.isReady(300)).toBe(true);
  });
});
