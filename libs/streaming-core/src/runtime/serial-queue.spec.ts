import { describe, expect, it } from '@jest/globals';
import { serialQueue } from './serial-queue.ts';

describe('a serial queue', () => {
  it('starts each piece of work after the previous one has ended, and gives each caller its own result', async () => {
    const inTurn = serialQueue();
    const told: string[] = [];
    const work = (name: string, ms: number) => async () => {
      told.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, ms));
      told.push(`${name} ends`);
      return name;
    };
    expect(await Promise.all([inTurn(work('a', 5)), inTurn(work('b', 0)), inTurn(work('c', 0))])).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(told).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('continues after a failure and reports it to its own caller only', async () => {
    const inTurn = serialQueue();
    const failing = [
      inTurn(() => Promise.reject(new Error('no room'))),
      inTurn(() => {
        throw new Error('no file');
      }),
    ];
    expect(await inTurn(() => Promise.resolve('done'))).toBe('done');
    expect(await Promise.allSettled(failing)).toMatchObject([
      { reason: { message: 'no room' } },
      { reason: { message: 'no file' } },
    ]);
  });

  it('does not wait for another queue', async () => {
    const stuck = serialQueue();
    const free = serialQueue();
    void stuck(() => new Promise(() => undefined));
    expect(await free(() => Promise.resolve('done'))).toBe('done');
  });
});
