import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createTestDatabase,
  gives,
  playSchedule,
  refused,
  type TestDatabase,
  type Work,
} from '@millrace/testing/postgres';
import { v7 } from 'uuid';
import { systemClock } from '../../runtime/index.ts';
import { migrate, streamingCoreMigrations } from '../../postgres/index.ts';
import { commitBatches } from './commit-batches.ts';
import type { Batch } from './batch.ts';
import type { Decoded } from './decode.ts';
import { lock, takeOffset, type OffsetRow } from './offset-store.ts';
import { notes } from './runtime.bench.ts';
import type { MessageHandler } from './types.ts';

/** The schedules of DESIGN 3.2's fence, step by step: a partition's old owner, who may be late, and its new one. */
describe('the assignment fence', () => {
  let database: TestDatabase;
  let group = '';
  const identity = { clusterId: 'cluster-1', topicId: randomUUID(), partitions: 2 };
  const owners = new Map<string, OffsetRow>();

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
    await database.sql.query('CREATE TABLE effect (id serial, grp text, number int)');
  });
  beforeEach(() => {
    owners.clear();
    group = `group-${v7()}`;
  });
  afterAll(() => database.drop());

  const takesOver =
    (owner: string, partition = 0): Work =>
    async (sql) => {
      const taken = await takeOffset(sql, group, { topic: 'notes', partition }, identity, 0n);
      owners.set(owner, taken.row);
      return taken;
    };

  const rowOf = (owner: string): OffsetRow => {
    const row = owners.get(owner);
    if (row === undefined) throw new Error(`${owner} owns nothing yet`);
    return row;
  };

  type End = 'holds' | 'fails' | 'at once';
  interface Range {
    readonly owner: string;
    readonly from: number;
    readonly to: number;
    readonly end?: End;
    readonly id?: (number: number) => string;
  }

  /** Messages `from` up to `to`, each with its number as its effect; the last one holds where it is wanted to, and then may fail. */
  function batchOf(
    { owner, from, to, end = 'at once', id = () => v7() }: Range,
    hold: () => Promise<void>,
  ): Batch {
    const row = rowOf(owner);
    const handler: MessageHandler = {
      message: notes.Noted,
      async handle({ number }, { transaction }) {
        await transaction.query('INSERT INTO effect (grp, number) VALUES ($1, $2)', [group, number]);
        if (number === to - 1 && end !== 'at once') await hold();
        if (number === to - 1 && end === 'fails') throw new Error('the handler failed');
      },
    };
    const items = Array.from({ length: to - from }, (_, index) =>
      message(row, handler, from + index, id(from + index)),
    );
    return { row, from: BigInt(from), to: BigInt(to), items };
  }

  /** One transaction for all of them. */
  const handlesAll =
    (first: Range, ...others: readonly Range[]): Work =>
    async (sql, hold) => {
      const environment = { database: sql, clock: systemClock, newId: v7 };
      const committed = await commitBatches(environment, [
        batchOf(first, hold),
        ...others.map((range) => batchOf(range, hold)),
      ]);
      return {
        handled: committed.map(({ result }) => result.handled),
        duplicates: committed.map(({ result }) => result.duplicates),
      };
    };
  const handles = (owner: string, from: number, to: number, end?: End, id?: Range['id']): Work =>
    handlesAll({ owner, from, to, end, id });

  function message(
    { topic, partition }: OffsetRow,
    handler: MessageHandler,
    number: number,
    id: string,
  ): Decoded {
    const place = { topic, partition, offset: BigInt(number) };
    const attributes = {
      id,
      source: '/millrace/test',
      type: 'Noted',
      time: '2026-11-20T09:00:00.000Z',
      subject: 'k',
    };
    const story = { dataSchema: '', correlationId: 'story', causationId: 'cause' };
    const record = { ...place, timestampMs: 0, key: null, value: null, headers: new Map<string, string>() };
    return {
      kind: 'handle',
      record,
      handler,
      message: { type: 'Noted', number },
      context: { ...place, ...attributes, ...story, key: 'k' },
    };
  }

  async function kept() {
    const { rows: effects } = await database.sql.query<{ number: number }>(
      'SELECT number FROM effect WHERE grp = $1 ORDER BY id',
      [group],
    );
    const { rows: offsets } = await database.sql.query<{ next_offset: string }>(
      'SELECT next_offset FROM consumer_offset WHERE consumer_group = $1 ORDER BY partition',
      [group],
    );
    const { rowCount: inboxed } = await database.sql.query('SELECT 1 FROM inbox WHERE consumer_group = $1', [
      group,
    ]);
    return {
      effects: effects.map(({ number }) => number),
      offsets: offsets.map((row) => Number(row.next_offset)),
      inboxed,
    };
  }

  it('keeps out an old owner who comes after his successor: his batch writes nothing', async () => {
    await playSchedule(database, [
      ['old', 'takes over', takesOver('old'), gives({ nextOffset: 0n })],
      ['old', 'handles 0 and 1', handles('old', 0, 2)],
      ['new', 'takes over', takesOver('new'), gives({ nextOffset: 2n })],
      ['old', 'handles 2', handles('old', 2, 3), refused('fenced')],
    ]);
    expect(await kept()).toEqual({ effects: [0, 1], offsets: [2], inboxed: 2 });
  });

  it('makes a successor wait for the batch that is open, and begin behind it', async () => {
    await playSchedule(database, [
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

  it('makes a successor begin where the open batch began when that one rolls back', async () => {
    await playSchedule(database, [
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

  it('keeps an old owner out also while his successor is at it', async () => {
    await playSchedule(database, [
      ['old', 'takes over', takesOver('old')],
      ['new', 'takes over', takesOver('new')],
      ['new', 'handles 0', handles('new', 0, 1, 'holds'), 'holds'],
      ['old', 'handles 0', handles('old', 0, 1), refused('fenced')],
      ['new', 'goes on', gives({ handled: [1] })],
      ['old', 'handles 1', handles('old', 1, 2), refused('fenced')],
    ]);
    expect(await kept()).toEqual({ effects: [0], offsets: [1], inboxed: 1 });
  });

  it('gives two who take over together an epoch each: the later one owns the partition', async () => {
    await playSchedule(database, [
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

  it('keeps out an old owner who does something else than handling messages', async () => {
    const doesElse =
      (owner: string): Work =>
      (sql, hold) =>
        sql.transaction(async (transaction) => {
          await lock(transaction, rowOf(owner));
          await transaction.query('INSERT INTO effect (grp, number) VALUES ($1, 7)', [group]);
          await hold();
        });
    await playSchedule(database, [
      ['old', 'takes over', takesOver('old')],
      ['old', 'fires a timer', doesElse('old'), 'holds'],
      ['new', 'takes over', takesOver('new'), 'waits'],
      ['old', 'goes on'],
      ['new', 'goes on', gives({ nextOffset: 0n })],
      ['old', 'fires a timer', doesElse('old'), refused('fenced')],
    ]);
    expect(await kept()).toEqual({ effects: [7], offsets: [0], inboxed: 0 });
  });

  it('is about one partition: its neighbours go on', async () => {
    await playSchedule(database, [
      ['old', 'takes over', takesOver('old', 0)],
      ['other', 'takes over the next partition', takesOver('other', 1)],
      ['other', 'handles 0', handles('other', 0, 1, 'holds'), 'holds'],
      ['new', 'takes over', takesOver('new', 0), gives({ nextOffset: 0n })],
      ['new', 'handles 0', handles('new', 0, 1)],
      ['other', 'goes on', gives({ handled: [1] })],
    ]);
    expect(await kept()).toEqual({ effects: [0, 0], offsets: [1, 1], inboxed: 2 });
  });

  it('is raised for both partitions of one transaction at once: a successor of one makes the whole of it wait, or fail', async () => {
    const both = (from: number, to: number, end?: End) =>
      handlesAll({ owner: 'left', from, to }, { owner: 'right', from, to, end });
    await playSchedule(database, [
      ['old', 'takes over partition 0', takesOver('left', 0)],
      ['old', 'takes over partition 1', takesOver('right', 1)],
      ['old', 'handles 0 of both', both(0, 1, 'holds'), 'holds'],
      ['new', 'takes over partition 1', takesOver('new', 1), 'waits'],
      ['old', 'goes on', gives({ handled: [1, 1] })],
      ['new', 'goes on', gives({ nextOffset: 1n })],
      ['old', 'handles 1 of both', both(1, 2), refused('fenced')],
      ['old', 'handles 1 of the one that it has still', handles('left', 1, 2), gives({ handled: [1] })],
      ['new', 'handles 1', handles('new', 1, 2), gives({ handled: [1] })],
    ]);
    expect(await kept()).toEqual({ effects: [0, 0, 1, 1], offsets: [2, 2], inboxed: 4 });
  });

  it('is raised for one of two partitions whose transaction rolls back: the successor begins where it had begun', async () => {
    await playSchedule(database, [
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

  it('is asked for in one order: who waits for the first of two partitions holds nothing of the other', async () => {
    await playSchedule(database, [
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

  it('lets a message on two partitions have its effect once: the second batch waits, and drops it', async () => {
    const copied = v7();
    const id = (number: number) => (number === 0 ? copied : v7());
    await playSchedule(database, [
      ['a', 'takes over partition 0', takesOver('a', 0)],
      ['b', 'takes over partition 1', takesOver('b', 1)],
      ['a', 'handles 0', handles('a', 0, 1, 'holds', id), 'holds'],
      ['b', 'handles its copy and 1', handles('b', 0, 2, 'at once', id), 'waits'],
      ['a', 'goes on', gives({ handled: [1], duplicates: [0] })],
      ['b', 'goes on', gives({ handled: [1], duplicates: [1] })],
    ]);
    expect(await kept()).toEqual({ effects: [0, 1], offsets: [1, 2], inboxed: 2 });
  });

  it('lets the copy have its effect when the batch of the first one rolls back', async () => {
    const copied = v7();
    const id = (number: number) => (number === 0 ? copied : v7());
    await playSchedule(database, [
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
