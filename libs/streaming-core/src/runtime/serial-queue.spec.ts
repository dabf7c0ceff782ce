import { describe, expect, it } from '@jest/globals';
import { serialQueue } from './serial-queue.ts';

describe('work one by one', () => {
  it('begins when what was asked for before it has ended, and each caller gets its own result', async () => {
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

  it('goes on behind what fails, which only its own caller is told', async () => {
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

  it('of one row waits for nothing of another', async () => {
    const stuck = serialQueue();
    const free = serialQueue();
    void stuck(() => new Promise(() => undefined));
    expect(await free(() => Promise.resolve('done'))).toBe('done');
  });
});
