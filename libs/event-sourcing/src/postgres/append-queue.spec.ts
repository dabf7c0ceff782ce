import { describe, expect, it } from '@jest/globals';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { coalescedBytesMax, waitingAppendsMax, waitingBytesMax } from '../limits.ts';
import { AppendQueue } from './append-queue.ts';
import type { NewEvent } from './new-event.ts';

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

  it('rejects an append when the bytes of the waiting ones reach their limit, but never a lone one', async () => {
    const queue = new AppendQueue(answering());
    const large = eventOf(waitingBytesMax - 2);
    const append = (stream: string, event: NewEvent) => queue.append({ ...bare, stream, events: [event] });
    const waiting = [append('a', large), append('b', eventOf(2))];

    await expect(append('c', eventOf(2))).rejects.toMatchObject({ code: 'append_queue_full', stream: 'c' });
    expect(await Promise.all(waiting)).toHaveLength(2);
    expect(
      await append('c', { ...large, stored: { data: '', personal: 'x'.repeat(waitingBytesMax + 1) } }),
    ).toHaveLength(1);
    const again = [append('d', large), append('e', eventOf(2))];
    expect(await Promise.all(again)).toHaveLength(2);
  });

  it('begins another statement once one has its limit of bytes', async () => {
    const statements: number[] = [];
    const queue = new AppendQueue(answering((streams) => statements.push(streams)));
    const appends = ['a', 'b', 'c', 'd'].map((stream) =>
      queue.append({ ...bare, stream, events: [eventOf(coalescedBytesMax / 2)] }),
    );
    await Promise.all(appends);
    expect(statements).toEqual([2, 2]);
  });
});

const bare = {
  expected: 'none',
  metadata: { correlationId: 'c', causationId: 'm' },
  recordedAt: new Date(0),
} as const;

const eventOf = (bytes: number): NewEvent =>
  ({ recorded: { event: {} }, stored: { data: 'x'.repeat(bytes), personal: null } }) as unknown as NewEvent;

/** A database that writes every append to its streams as the first one. */
const answering = (onStatement: (streams: number) => void = () => undefined): SqlTransaction => ({
  query: (_text, [streams] = []) => {
    onStatement([streams].flat().length);
    const rows = [streams].flat().map(() => ({ version_before: '0', fits: true }));
    return Promise.resolve({ rows: rows as never[], rowCount: rows.length });
  },
});
