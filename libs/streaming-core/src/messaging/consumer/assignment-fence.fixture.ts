import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { createTestDatabase, type TestDatabase, type Work } from '@millrace/testing/postgres';
import { v7 } from 'uuid';
import { systemClock } from '../../runtime/index.ts';
import { migrate, streamingCoreMigrations } from '../../postgres/index.ts';
import { commitBatches, DuplicateRate } from './commit-batches.ts';
import type { Batch } from './open-batch.ts';
import type { Decoded } from './decode.ts';
import { consumerLimits } from './limits.ts';
import { takeOffset, type OffsetRow } from './offset-store.ts';
import { notes } from './runtime.bench.ts';
import type { MessageHandler } from './message-handler.ts';

export type End = 'holds' | 'fails' | 'at once';

export interface Range {
  readonly owner: string;
  readonly from: number;
  readonly to: number;
  readonly end?: End;
  readonly id?: (number: number) => string;
}

/** A group with its own database, and the steps that its named owners take in a schedule. */
export function fencedGroup() {
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
    if (row === undefined) throw new Error(`${owner} owns no partition yet`);
    return row;
  };

  /**
   * A batch with the messages from `from` to `to` - 1. Each message's effect is its number. The
   * last message may wait for the schedule, and may then fail.
   */
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

  /** Handles all ranges in one transaction. */
  const handlesAll =
    (first: Range, ...others: readonly Range[]): Work =>
    async (sql, hold) => {
      const duplicates = new DuplicateRate(systemClock, consumerLimits);
      const environment = {
        database: sql,
        clock: systemClock,
        newId: v7,
        duplicates,
        limits: consumerLimits,
      };
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

  return {
    takesOver,
    rowOf,
    handlesAll,
    handles,
    kept,
    /** Available once the suite has begun. */
    get database() {
      return database;
    },
    /** Every test gets a new group. */
    get group() {
      return group;
    },
  };
}
