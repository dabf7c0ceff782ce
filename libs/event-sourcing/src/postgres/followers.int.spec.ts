import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type SqlTransaction } from '@millrace/streaming-core/postgres';
import type { TestDatabase } from '@millrace/testing/postgres';
import type { RecordedEvent } from '../event-store.ts';
import { inlineProjections, type InlineProjection } from '../projection.ts';
import { appendOptions, newStream, openEventDatabase } from './event-database.fixture.ts';
import { eventFollower, postgresEventStore } from './postgres-event-store.ts';

describe('an append', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await openEventDatabase();
    await database.sql.query('CREATE TABLE follower (who text, stream text, type text, version bigint)');
  });
  afterAll(() => database.drop());

  const note = (who: string) => async (transaction: SqlTransaction, events: readonly RecordedEvent[]) => {
    for (const { stream, event, version } of events)
      await transaction.query('INSERT INTO follower VALUES ($1, $2, $3, $4)', [
        who,
        stream,
        event.type,
        version,
      ]);
  };
  const projection = (eventTypes: string[], apply = note('projection')) => ({
    name: 'balance',
    version: 1,
    eventTypes,
    apply,
  });
  const notesOf = async (stream: string) =>
    (
      await database.sql.query<{ note: string }>(
        "SELECT who || ' ' || type || ' ' || version AS note FROM follower WHERE stream = $1",
        [stream],
      )
    ).rows.map((row) => row.note);
  const store = postgresEventStore();
  const appends = (stream: string) => [
    { stream, expected: 'none' as const, events: [{ type: 'Opened' }, { type: 'Renamed' }] },
  ];
  const appendAndProject = (
    stream: string,
    transaction: SqlTransaction,
    ...projections: readonly InlineProjection[]
  ) =>
    transaction.unitOfWork(async () => {
      const events = await store.append(transaction, appends(stream), appendOptions());
      await inlineProjections(projections).apply(transaction, events);
    });

  it('passes events to the projections of their types, in order, before it resolves', async () => {
    const stream = newStream();
    await database.sql.transaction((transaction) =>
      appendAndProject(stream, transaction, projection(['Renamed']), projection(['Unheard'])),
    );
    expect(await notesOf(stream)).toEqual(['projection Renamed 2']);
  });

  it('E04 is undone when a projection fails', async () => {
    const stream = newStream();
    const fail = () => Promise.reject(new Error('projection failed'));
    await expect(
      database.sql.transaction((transaction) =>
        appendAndProject(stream, transaction, projection(['Opened'], fail)),
      ),
    ).rejects.toThrow('projection failed');
    expect(await notesOf(stream)).toEqual([]);
    expect(await store.read(database.sql, stream)).toEqual([]);
  });

  it('announces work for the followers of streams', async () => {
    const left = await database.sql.transaction(async (transaction) => {
      await store.append(transaction, appends(newStream()), appendOptions());
      return transaction.workersToWake;
    });
    expect([...left]).toEqual([eventFollower]);
  });

  it('leaves nothing behind when its transaction fails later', async () => {
    const stream = newStream();
    await expect(
      database.sql.transaction(async (transaction) => {
        await appendAndProject(stream, transaction, projection(['Opened']));
        throw new Error('later');
      }),
    ).rejects.toThrow('later');
    expect(await notesOf(stream)).toEqual([]);
    expect(await store.read(database.sql, stream)).toEqual([]);
  });
});
