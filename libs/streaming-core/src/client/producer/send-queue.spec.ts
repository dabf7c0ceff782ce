import { describe, expect, it } from '@jest/globals';
import { SendQueue } from './send-queue.ts';

const one = { records: 1, bytes: 10 };

describe('the send queue', () => {
  it('runs one task at a time, in order, and continues after a failure', async () => {
    const queue = new SendQueue({ queueRecordsMax: 10, bufferBytesMax: 100 });
    const seen: string[] = [];
    let running = 0;
    const task = (name: string) => async () => {
      running += 1;
      expect(running).toBe(1);
      await Promise.resolve();
      seen.push(name);
      running -= 1;
      if (name === 'b') throw new Error('b failed');
    };

    const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => queue.run(one, task(name))));

    expect(seen).toEqual(['a', 'b', 'c']);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('rejects a task that would exceed its limits, and has room again once tasks have finished', async () => {
    const queue = new SendQueue({ queueRecordsMax: 2, bufferBytesMax: 100 });
    const running = queue.run(one, () => Promise.resolve());

    expect(() => queue.run({ records: 2, bytes: 1 }, () => Promise.resolve())).toThrow(
      /1 records of 10 bytes are queued/,
    );
    expect(() => queue.run({ records: 1, bytes: 91 }, () => Promise.resolve())).toThrow(/exceed the limit/);
    await running;
    await expect(queue.run({ records: 2, bytes: 100 }, () => Promise.resolve('room'))).resolves.toBe('room');
  });
});
