import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { assumeNew, lockStreams, retryingTransaction } from '@millrace/event-sourcing';
import { playSchedule, refused } from '@millrace/testing/postgres';
import { bookingEvents, trip, tripEvents } from '../decision/sample-saga.fixture.ts';
import type { SagaEngine } from './saga-engine.ts';
import { newTrip, openSagaWorld, throughSession, type SagaWorld } from './saga-world.bench.ts';

const local = { ...trip, version: 2, startsLocally: true };

describe('a saga that starts locally', () => {
  let world: SagaWorld;
  let engine: SagaEngine;

  beforeAll(async () => {
    world = await openSagaWorld();
    engine = world.engine({ definitions: [local, trip] });
  });
  afterAll(() => world.close());

  const historyOf = (sagaId: string) => world.historyOf(sagaId);
  const arrives = (id: string, about: object, to = engine) =>
    world.deliver(to, tripEvents.TripAsked, id, { city: 'Rome' }, about);

  it('S21 starts in the transaction that writes its start message, and is caused by that message', async () => {
    const id = newTrip();
    const message = await world.write(engine, id);

    const [asked, command] = await world.sent(id);
    expect(asked).toMatchObject({ id: message.id, type: 'TripAsked' });
    expect(command).toMatchObject({
      type: 'BookRoom',
      causationid: message.id,
      correlationid: `story-${id}`,
    });
    expect(await world.inspect(engine, id)).toMatchObject({ version: 2, status: 'running' });
  });

  it('S21 does not exist if the transaction of its start message rolls back', async () => {
    const id = newTrip();
    await playSchedule(world.database, [
      ['request', 'begins'],
      ['request', 'writes', (sql) => throughSession(world, sql).write(engine, id)],
      ['request', 'rolls back'],
    ]);

    expect(await world.sent(id)).toEqual([]);
    expect(await historyOf(id)).toEqual([]);
    expect(await world.dueAt(id)).toEqual([]);
  });

  it('S21 does not start again when its message arrives, even after a reply', async () => {
    const early = newTrip();
    const late = newTrip();
    const first = await world.write(engine, early);
    const second = await world.write(engine, late);
    await world.answer(engine, late, 'BookRoom', bookingEvents.RoomBooked);
    const before = await Promise.all([historyOf(early), historyOf(late)]);
    await arrives(early, first);
    await arrives(late, second);

    expect(await Promise.all([historyOf(early), historyOf(late)])).toEqual(before);
    expect(await world.sentTypes(early)).toEqual(['TripAsked', 'BookRoom']);
    expect(await world.sentTypes(late)).toEqual(['TripAsked', 'BookRoom', 'BookSeat']);
  });

  it('S23 starts when its message arrives if the writer of the message did not start it', async () => {
    const id = await world.start(engine);

    expect(await world.inspect(engine, id)).toMatchObject({ version: 2, status: 'running' });
    expect(await world.sentTypes(id)).toEqual(['BookRoom']);
  });

  it('S23 waits for its message while the start version does not start locally', async () => {
    const earlier = world.engine({ definitions: [local, trip], startVersions: { trip: 1 } });
    const id = newTrip();
    const message = await world.write(earlier, id);
    expect(await historyOf(id)).toEqual([]);
    await arrives(id, message, earlier);

    expect(await world.inspect(earlier, id)).toMatchObject({ version: 1, status: 'running' });
  });

  it('conflicts if its writer assumes that it is new and it is not, and is then left as it is', async () => {
    const id = newTrip();
    const message = await world.write(engine, id);
    const before = await historyOf(id);
    const attempts: number[] = [];
    await retryingTransaction(world.database.sql, (transaction, attempt) => {
      attempts.push(attempt);
      if (attempt === 1) assumeNew(transaction, `asking-${id}`);
      return throughSession(world, {
        query: (text, values) => transaction.query(text, values),
        transaction: (work) => work(transaction),
      }).write(engine, id);
    });

    expect(attempts).toEqual([1, 2]);
    expect(await historyOf(id)).toEqual(before);
    expect(await world.sentTypes(id)).toEqual(['TripAsked', 'BookRoom', 'TripAsked']);
    await arrives(id, message);
    expect(await historyOf(id)).toEqual(before);
  });

  it('is left to processes that know its version', async () => {
    const id = newTrip();
    const message = await world.write(engine, id);
    const older = world.engine();

    await expect(arrives(id, message, older)).rejects.toMatchObject({ code: 'blocked' });
    await arrives(id, message);
  });

  it('counts as started once, when its message has been handled', async () => {
    const reports: unknown[] = [];
    const note = (report: unknown) => void reports.push(report);
    subscribe('millrace.saga.started', note);
    const id = newTrip();
    const message = await world.write(engine, id);
    expect(reports).toEqual([]);
    await arrives(id, message);
    await arrives(id, { id: '0199e5a0-0000-7000-8000-000000000009' }); // another producer's
    unsubscribe('millrace.saga.started', note);

    expect(reports).toEqual([{ definition: 'trip' }]);
  });

  it('rejects a start message whose key is not its id, in the transaction that writes it', async () => {
    await expect(world.write(engine, newTrip(), { tripId: 'other' })).rejects.toMatchObject({
      code: 'wrong_key',
    });
  });

  it('S21 starts once if a request and a message start it at the same time', async () => {
    const written = newTrip();
    const delivered = newTrip();
    const writes = (id: string) => (sql: SagaWorld['database']['sql']) =>
      throughSession(world, sql).write(engine, id);
    const takes = (id: string) => (sql: SagaWorld['database']['sql']) =>
      throughSession(world, sql).deliver(engine, tripEvents.TripAsked, id, { city: 'Rome' });
    await world.database.sql.query(`INSERT INTO guest VALUES ($1, 'Ada'), ($2, 'Ada')`, [written, delivered]);
    await playSchedule(world.database, [
      ['request', 'begins'],
      ['request', 'writes', writes(written)],
      ['batch', 'takes a message', takes(written), 'waits'],
      ['request', 'commits'],
      ['batch', 'goes on'],
      ['batch', 'begins'],
      ['batch', 'takes a message', takes(delivered)],
      ['request', 'writes', writes(delivered), 'waits'],
      ['batch', 'commits'],
      ['request', 'goes on', refused('wrong_expected_version')],
      ['request', 'writes again', writes(delivered)],
    ]);

    expect((await world.sentTypes(written)).filter((type) => type === 'BookRoom')).toEqual(['BookRoom']);
    expect(await world.sentTypes(delivered)).toEqual(['BookRoom', 'TripAsked']);
  });

  it('needs its stream to be one of those that the batch has declared', async () => {
    const id = newTrip();
    const declared = throughSession(world, {
      ...world.database.sql,
      transaction: (work) =>
        world.database.sql.transaction(async (transaction) => {
          await lockStreams(transaction, [`other-${id}`]);
          return work(transaction);
        }),
    });

    await expect(declared.write(engine, id)).rejects.toMatchObject({ code: 'undeclared_stream' });
  });
});
