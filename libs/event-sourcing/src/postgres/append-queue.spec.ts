import { describe, expect, it } from '@jest/globals';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { waitingAppendsMax } from '../limits.ts';
import { AppendQueue } from './append-queue.ts';

describe('the queue of appends', () => {
  it('rejects an append when its limit of waiting ones is reached, and writes those that wait', async () => {
    const queue = new AppendQueue(answering());
    const append = (number: number) =>
      queue.append({
        stream: `stream-${number}`,
        expected: 'none',
        events: [],
        metadata: { correlationId: 'c', causationId: 'm' },
        recordedAt: new Date(0),
      });
    const waiting = Array.from({ length: waitingAppendsMax }, (_, number) => append(number));

    await expect(append(waitingAppendsMax)).rejects.toMatchObject({
      code: 'append_queue_full',
      stream: `stream-${waitingAppendsMax}`,
    });
    expect(await Promise.all(waiting)).toHaveLength(waitingAppendsMax);
    expect(await append(waitingAppendsMax)).toEqual([]);
  });
});

/** A database that writes every append to its streams as the first one. */
const answering = (): SqlTransaction => ({
  query: (_text, [streams] = []) => {
    const rows = [streams].flat().map(() => ({ version_before: '0', fits: true }));
    return Promise.resolve({ rows: rows as never[], rowCount: rows.length });
  },
});
