import { describe, expect, it } from '@jest/globals';
import { gives, playSchedule, refused, type Work } from '@millrace/testing/postgres';
import { v7 } from 'uuid';
import { lock } from './offset-store.ts';
import { fencedGroup, type End } from './assignment-fence.fixture.ts';

/**
 * Plays schedules of a partition's old owner, which may be late, and its new owner, step by step.
 */
describe('P01 the assignment fence', () => {
  const fenced = fencedGroup();
  const { takesOver, rowOf, handlesAll, handles, kept } = fenced;

  it('rejects an old owner that comes after its successor, so its batch writes nothing', async () => {
    await playSchedule(fenced.database, [
      ['old', 'takes over', takesOver('old'), gives({ nextOffset: 0n })],
      ['old', 'handles 0 and 1', handles('old', 0, 2)],
      ['new', 'takes over', takesOver('new'), gives({ nextOffset: 2n })],
      ['old', 'handles 2', handles('old', 2, 3), refused('fenced')],
    ]);
    expect(await kept()).toEqual({ effects: [0, 1], offsets: [2], inboxed: 2 });
  });

  it('makes a successor wait for the open batch and begin after it', async () => {
    await playSchedule(fenced.database, [
      ['old', 'takes over', takesOver('old')],
      ['old', 'handles 0 to 2', handles('old', 0, 3, 'holds'), 'holds'],
      ['new', 'takes over', takesOver('new'), 'waits'],
      ['old', 'goes on', gives({ handled: [3] })],
      ['new', 'goes on', gives({ nextOffset: 3n })],
      ['old', 'handles 3', handles('old', 3, 4), refused('fenced')],
      ['new', 'handles 3', handles('new', 3, 4)],
    ]);
    expect(await kept()).toEqual({ effects: [0, 1, 2, 3], offsets: [4], inboxed: 4 });
  });

  it('makes a successor begin where the open batch began if that batch rolls back', async () => {
    await playSchedule(fenced.database, [
      ['old', 'takes over', takesOver('old')],
      ['old', 'handles 0', handles('old', 0, 1)],
      ['old', 'handles 1 and 2', handles('old', 1, 3, 'fails'), 'holds'],
      ['new', 'takes over', takesOver('new'), 'waits'],
      ['old', 'goes on', refused('MessageFailure')],
      ['new', 'goes on', gives({ nextOffset: 1n })],
      ['new', 'handles 1 and 2', handles('new', 1, 3)],
    ]);
    expect(await kept()).toEqual({ effects: [0, 1, 2], offsets: [3], inboxed: 3 });
  });

  it('rejects an old owner while its successor handles a batch', async () => {
    await playSchedule(fenced.database, [
      ['old', 'takes over', takesOver('old')],
      ['new', 'takes over', takesOver('new')],
      ['new', 'handles 0', handles('new', 0, 1, 'holds'), 'holds'],
      ['old', 'handles 0', handles('old', 0, 1), refused('fenced')],
      ['new', 'goes on', gives({ handled: [1] })],
      ['old', 'handles 1', handles('old', 1, 2), refused('fenced')],
    ]);
    expect(await kept()).toEqual({ effects: [0], offsets: [1], inboxed: 1 });
  });

  it('gives different epochs to two processes that take over at the same time, and the later one owns the partition', async () => {
    await playSchedule(fenced.database, [
      ['one', 'begins'],
      ['one', 'takes over', takesOver('one')],
      ['other', 'takes over', takesOver('other'), 'waits'],
      ['one', 'commits'],
      ['other', 'goes on', gives({ nextOffset: 0n })],
      ['one', 'handles 0', handles('one', 0, 1), refused('fenced')],
      ['other', 'handles 0', handles('other', 0, 1)],
    ]);
    expect(rowOf('other').epoch).toBe(rowOf('one').epoch + 1n);
    expect(await kept()).toEqual({ effects: [0], offsets: [1], inboxed: 1 });
  });

  it('rejects an old owner that does work other than handling messages', async () => {
    const doesElse =
      (owner: string): Work =>
      (sql, hold) =>
        sql.transaction(async (transaction) => {
          await lock(transaction, rowOf(owner));
          await transaction.query('INSERT INTO effect (grp, number) VALUES ($1, 7)', [fenced.group]);
          await hold();
        });
    await playSchedule(fenced.database, [
      ['old', 'takes over', takesOver('old')],
      ['old', 'fires a timer', doesElse('old'), 'holds'],
      ['new', 'takes over', takesOver('new'), 'waits'],
      ['old', 'goes on'],
      ['new', 'goes on', gives({ nextOffset: 0n })],
      ['old', 'fires a timer', doesElse('old'), refused('fenced')],
    ]);
    expect(await kept()).toEqual({ effects: [7], offsets: [0], inboxed: 0 });
  });

  it('affects one partition only, while its neighbours continue', async () => {
    await playSchedule(fenced.database, [
      ['old', 'takes over', takesOver('old', 0)],
      ['other', 'takes over the next partition', takesOver('other', 1)],
      ['other', 'handles 0', handles('other', 0, 1, 'holds'), 'holds'],
      ['new', 'takes over', takesOver('new', 0), gives({ nextOffset: 0n })],
      ['new', 'handles 0', handles('new', 0, 1)],
      ['other', 'goes on', gives({ handled: [1] })],
    ]);
    expect(await kept()).toEqual({ effects: [0, 0], offsets: [1, 1], inboxed: 2 });
  });

  it('makes a whole shared transaction fail if one of its partitions has a successor', async () => {
    const both = (from: number, to: number, end?: End) =>
      handlesAll({ owner: 'left', from, to }, { owner: 'right', from, to, end });
    await playSchedule(fenced.database, [
      ['old', 'takes over partition 0', takesOver('left', 0)],
      ['old', 'takes over partition 1', takesOver('right', 1)],
      ['old', 'handles 0 of both', both(0, 1, 'holds'), 'holds'],
      ['new', 'takes over partition 1', takesOver('new', 1), 'waits'],
      ['old', 'goes on', gives({ handled: [1, 1] })],
      ['new', 'goes on', gives({ nextOffset: 1n })],
      ['old', 'handles 1 of both', both(1, 2), refused('fenced')],
      ['old', 'handles 1 of the partition that it still has', handles('left', 1, 2), gives({ handled: [1] })],
      ['new', 'handles 1', handles('new', 1, 2), gives({ handled: [1] })],
    ]);
    expect(await kept()).toEqual({ effects: [0, 0, 1, 1], offsets: [2, 2], inboxed: 4 });
  });

  it('makes a successor of one partition begin where a shared transaction began if that transaction rolls back', async () => {
    await playSchedule(fenced.database, [
      ['old', 'takes over partition 0', takesOver('left', 0)],
      ['old', 'takes over partition 1', takesOver('right', 1)],
      [
        'old',
        'handles 0',
        handlesAll({ owner: 'left', from: 0, to: 1 }, { owner: 'right', from: 0, to: 1, end: 'fails' }),
        'holds',
      ],
      ['new', 'takes over partition 0', takesOver('new', 0), 'waits'],
      ['old', 'goes on', refused('MessageFailure')],
      ['new', 'goes on', gives({ nextOffset: 0n })],
      ['new', 'handles 0', handles('new', 0, 1), gives({ handled: [1] })],
    ]);
    expect(await kept()).toEqual({ effects: [0], offsets: [1, 0], inboxed: 1 });
  });

  it('P07 locks partitions in a fixed order, so a transaction that waits for its first partition does not hold the second', async () => {
    await playSchedule(fenced.database, [
      ['a', 'takes over partition 0', takesOver('left', 0)],
      ['a', 'takes over partition 1', takesOver('right', 1)],
      ['a', 'handles 0 of the first', handles('left', 0, 1, 'fails'), 'holds'],
      [
        'b',
        'handles 0 of both, the second one first',
        handlesAll({ owner: 'right', from: 0, to: 1 }, { owner: 'left', from: 0, to: 1 }),
        'waits',
      ],
      ['c', 'handles 0 of the second', handles('right', 0, 1), gives({ handled: [1] })],
      ['a', 'goes on', refused('MessageFailure')],
      ['b', 'goes on', refused('fenced')],
    ]);
    expect(await kept()).toEqual({ effects: [0], offsets: [0, 1], inboxed: 1 });
  });

  it('gives a message on two partitions one effect, because the second batch waits and drops its copy', async () => {
    const copied = v7();
    const id = (number: number) => (number === 0 ? copied : v7());
    await playSchedule(fenced.database, [
      ['a', 'takes over partition 0', takesOver('a', 0)],
      ['b', 'takes over partition 1', takesOver('b', 1)],
      ['a', 'handles 0', handles('a', 0, 1, 'holds', id), 'holds'],
      ['b', 'handles its copy and 1', handles('b', 0, 2, 'at once', id), 'waits'],
      ['a', 'goes on', gives({ handled: [1], duplicates: [0] })],
      ['b', 'goes on', gives({ handled: [1], duplicates: [1] })],
    ]);
    expect(await kept()).toEqual({ effects: [0, 1], offsets: [1, 2], inboxed: 2 });
  });

  it('gives the copy its effect if the batch with the original rolls back', async () => {
    const copied = v7();
    const id = (number: number) => (number === 0 ? copied : v7());
    await playSchedule(fenced.database, [
      ['a', 'takes over partition 0', takesOver('a', 0)],
      ['b', 'takes over partition 1', takesOver('b', 1)],
      ['a', 'handles 0', handles('a', 0, 1, 'fails', id), 'holds'],
      ['b', 'handles its copy', handles('b', 0, 1, 'at once', id), 'waits'],
      ['a', 'goes on', refused('MessageFailure')],
      ['b', 'goes on', gives({ handled: [1], duplicates: [0] })],
    ]);
    expect(await kept()).toEqual({ effects: [0], offsets: [0, 1], inboxed: 1 });
  });
});
