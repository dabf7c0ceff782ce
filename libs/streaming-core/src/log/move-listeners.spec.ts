import { describe, expect, it, jest } from '@jest/globals';
import { MoveListeners } from './move-listeners.ts';

const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: jest.fn() };
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the listeners of a partition', () => {
  it('are called after the answer to an append, even if the answer is scheduled later', async () => {
    const order: string[] = [];
    const listeners = new MoveListeners('t-0', logger);
    listeners.add(() => order.push('listener'));

    await turn();
    listeners.wake();
    setImmediate(() => order.push('answer'));
    await turn();
    await turn();
    expect(order).toEqual(['answer', 'listener']);
  });

  it('are called after the answers that waited for the same sync', async () => {
    const order: string[] = [];
    const listeners = new MoveListeners('t-0', logger);
    listeners.add(() => order.push('listener'));
    let synced: () => void = ignore;
    const answered = new Promise<void>((resolve) => (synced = resolve))
      .then(ignore)
      .then(ignore)
      .then(() => setImmediate(() => order.push('answer')));

    await turn();
    synced();
    listeners.wake();
    await answered;
    await turn();
    await turn();
    expect(order).toEqual(['answer', 'listener']);
  });

  it('are called once for many appends, and all of them even if one fails', async () => {
    const listeners = new MoveListeners('t-0', logger);
    const calls = jest.fn();
    const left = jest.fn();
    listeners.add(() => {
      throw new Error('no');
    });
    listeners.add(calls);
    listeners.add(left)();
    listeners.wake();
    listeners.wake();
    await turn();
    await turn();
    expect(calls.mock.calls.length).toEqual(1);
    expect(left.mock.calls.length).toEqual(0);
    expect(logger.error.mock.calls.length).toEqual(1);
  });
});
