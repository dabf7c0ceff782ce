import { describe, expect, it, jest } from '@jest/globals';
import { Watchers } from './watchers.ts';

const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: jest.fn() };
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the watchers of a partition', () => {
  it('are woken after the answers to whoever appended, which ask for the end of the turn later', async () => {
    const order: string[] = [];
    const watchers = new Watchers('t-0', logger);
    watchers.add(() => order.push('watcher'));

    await turn();
    watchers.wake();
    setImmediate(() => order.push('answer'));
    await turn();
    await turn();
    expect(order).toEqual(['answer', 'watcher']);
  });

  it('are woken after the answers of those who waited for the same sync', async () => {
    const order: string[] = [];
    const watchers = new Watchers('t-0', logger);
    watchers.add(() => order.push('watcher'));
    let synced: () => void = ignore;
    const answered = new Promise<void>((resolve) => (synced = resolve))
      .then(ignore)
      .then(ignore)
      .then(() => setImmediate(() => order.push('answer')));

    await turn();
    synced();
    watchers.wake();
    await answered;
    await turn();
    await turn();
    expect(order).toEqual(['answer', 'watcher']);
  });

  it('are woken once for many appends, and the others too when one of them fails', async () => {
    const watchers = new Watchers('t-0', logger);
    const calls = jest.fn();
    const left = jest.fn();
    watchers.add(() => {
      throw new Error('no');
    });
    watchers.add(calls);
    watchers.add(left)();
    watchers.wake();
    watchers.wake();
    await turn();
    await turn();
    expect(calls.mock.calls.length).toEqual(1);
    expect(left.mock.calls.length).toEqual(0);
    expect(logger.error.mock.calls.length).toEqual(1);
  });
});
