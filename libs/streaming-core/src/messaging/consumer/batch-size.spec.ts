import { describe, expect, it } from '@jest/globals';
import { BatchSize } from './batch-queue.ts';

describe('the size of a batch', () => {
  const size = () => new BatchSize({ batchMessagesMax: 100, batchMsMax: 50 });

  it('halves after a slow transaction, down to one message, and grows again after quick full ones', () => {
    const adapting = size();
    const seen = [100, 10, 5, 2, 1].map((messages) => (adapting.took(messages, 60), adapting.max));
    expect(seen).toEqual([50, 5, 2, 1, 1]);

    for (const messages of [1, 2, 4, 8, 16, 32, 64, 100]) adapting.took(messages, 10);
    expect(adapting.max).toBe(100);
  });

  it('does not grow after a transaction that was not full or not quick', () => {
    const adapting = size();
    adapting.took(100, 60);
    adapting.took(49, 1);
    adapting.took(50, 30);

    expect(adapting.max).toBe(50);
  });

  it('halves after the database aborts a transaction that takes too long, but after no other failure', () => {
    const adapting = size();
    adapting.failed(Object.assign(new Error('too long'), { code: '25P04' }));
    adapting.failed(Object.assign(new Error('deadlock'), { code: '40P01' }));

    expect(adapting.max).toBe(50);
  });
});
