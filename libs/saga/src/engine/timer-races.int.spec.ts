import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { lockStreams } from '@millrace/event-sourcing';
import type { OwnedPartition } from '@millrace/streaming-core/consumer';
import type { MessageDeclaration } from '@millrace/streaming-core/contract';
import { seconds } from '@millrace/streaming-core/runtime';
import type { SqlDatabase, SqlTransaction } from '@millrace/streaming-core/postgres';
import { playSchedule, type Work } from '@millrace/testing/postgres';
import { bookingEvents } from '../decision/sample-saga.fixture.ts';
import { openSagaWorld, throughSession, until, type SagaWorld } from './saga-world.bench.ts';
import type { SagaEngine } from './saga-engine.ts';

const timeout = seconds(30);

/** Plays a due timer and the reply that it waited for in every order, step by step. */
describe('P06 a timer in a race with its reply', () => {
  let world: SagaWorld;
  const engines: SagaEngine[] = [];

  beforeAll(async () => void (world = await openSagaWorld()));
  afterAll(() => world.close());
  beforeEach(() => world.database.sql.query('TRUNCATE saga_timer'));
  afterEach(async () => {
    await Promise.all(engines.splice(0).map(({ timers }) => timers.stop()));
  });

  /**
   * Opens an engine that owns the partition. It fires one timer when the schedule says so, in the
   * session of the schedule.
   */
  async function owner(options: Parameters<SagaWorld['engine']>[0] = {}) {
    const engine = world.engine(options);
    engines.push(engine);
    let session: SqlDatabase | undefined;
    let fired = () => {};
    const owned: OwnedPartition = {
      ...world.owned(),
      caughtUpTo: async () => (session === undefined ? -Infinity : Infinity),
      transaction: async <Result>(work: (transaction: SqlTransaction) => Promise<Result>) => {
        const sql = session ?? world.database.sql;
        session = undefined;
        return sql.transaction(work).finally(() => fired());
      },
    };
    engine.ownership.onOwned?.(owned);
    engine.timers.start();
    let told = false;
    void engine.ownership.onDisrupted?.(owned).then(() => (told = true));
    await until(() => told, 'the owner to deal with its first disruption');

    const fires: Work = (sql) =>
      new Promise<void>((resolve) => {
        fired = resolve;
        session = sql;
      });
    const takes =
      (id: string, command: string, reply: MessageDeclaration, fields = {}): Work =>
      (sql) =>
        throughSession(world, sql).answer(engine, id, command, reply, fields);
    return { engine, fires, takes };
  }

  const roomBooked = (takes: (id: string, command: string, reply: MessageDeclaration) => Work, id: string) =>
    takes(id, 'BookRoom', bookingEvents.RoomBooked);

  it('does nothing if the reply commits while the timer waits for its stream', async () => {
    const { engine, fires, takes } = await owner();
    const id = await world.start(engine);
    world.time.advance(timeout);
    await playSchedule(world.database, [
      ['reply', 'begins'],
      ['reply', 'is taken', roomBooked(takes, id)],
      ['timer', 'fires', fires, 'waits'],
      ['reply', 'commits'],
      ['timer', 'goes on'],
    ]);

    expect(await world.sentTypes(id)).toEqual(['BookRoom', 'BookSeat']);
    expect(await world.inspect(engine, id)).toMatchObject({
      status: 'running',
      steps: [{ status: 'accepted', attempts: 1 }, {}, {}, {}, {}],
    });
  });

  it('sends again if the reply rolls back while the timer waits for its stream', async () => {
    const { engine, fires, takes } = await owner();
    const id = await world.start(engine);
    world.time.advance(timeout);
    await playSchedule(world.database, [
      ['reply', 'begins'],
      ['reply', 'is taken', roomBooked(takes, id)],
      ['timer', 'fires', fires, 'waits'],
      ['reply', 'rolls back'],
      ['timer', 'goes on'],
      ['reply', 'is taken', roomBooked(takes, id)],
    ]);

    expect(await world.sentTypes(id)).toEqual(['BookRoom', 'BookRoom', 'BookSeat']);
  });

  it('does not make the reply late if it only sent the command again', async () => {
    const { engine, fires, takes } = await owner();
    const id = await world.start(engine);
    world.time.advance(timeout);
    await playSchedule(world.database, [
      ['timer', 'begins'],
      ['timer', 'fires', fires],
      ['reply', 'is taken', roomBooked(takes, id), 'waits'],
      ['timer', 'commits'],
      ['reply', 'goes on'],
    ]);

    expect(await world.sentTypes(id)).toEqual(['BookRoom', 'BookRoom', 'BookSeat']);
    expect(await world.inspect(engine, id)).toMatchObject({
      status: 'running',
      steps: [{ status: 'accepted', attempts: 2 }, {}, {}, {}, {}],
    });
  });

  it('starts the compensation, which then undoes the step that the reply reports', async () => {
    const { engine, fires, takes } = await owner({ settings: { resendsMax: 0 } });
    const id = await world.start(engine);
    world.time.advance(timeout);
    await playSchedule(world.database, [
      ['timer', 'begins'],
      ['timer', 'fires', fires],
      ['reply', 'is taken', roomBooked(takes, id), 'waits'],
      ['timer', 'commits'],
      ['reply', 'goes on'],
      ['participant', 'undoes it', takes(id, 'FreeRoom', bookingEvents.RoomFreed)],
    ]);

    expect(await world.sentTypes(id)).toEqual(['BookRoom', 'FreeRoom', 'CloseTrip']);
    expect(await world.inspect(engine, id)).toMatchObject({ status: 'closing', reason: 'step_timeout' });
  });

  it('does nothing if it was granted more time while it waited', async () => {
    const { engine, fires } = await owner({ alsoLocks: (tripId) => [`trip-${tripId}`] });
    const id = await world.start(engine);
    world.time.advance(timeout);
    const later = world.time.now() + timeout;
    await playSchedule(world.database, [
      ['customer', 'begins'],
      [
        'customer',
        'changes the trip',
        (sql) => sql.transaction((transaction) => lockStreams(transaction, [`trip-${id}`])),
      ],
      ['timer', 'fires', fires, 'waits'],
      [
        'disruption',
        'moves it',
        (sql) => sql.query('UPDATE saga_timer SET due_at = $2 WHERE saga_id = $1', [id, new Date(later)]),
      ],
      ['customer', 'commits'],
      ['timer', 'goes on'],
    ]);

    expect(await world.sentTypes(id)).toEqual(['BookRoom']);
    expect(await world.dueAt(id)).toEqual([later]);
  });

  it('sends nothing if it rolls back, and fires at the next poll', async () => {
    const { engine, fires } = await owner();
    const id = await world.start(engine);
    world.time.advance(timeout);
    await playSchedule(world.database, [
      ['timer', 'begins'],
      ['timer', 'fires', fires],
      ['timer', 'rolls back'],
      ['timer', 'fires', fires],
    ]);

    expect(await world.sentTypes(id)).toEqual(['BookRoom', 'BookRoom']);
  });

  it('has one effect with two owners, because the second one waits and finds it gone', async () => {
    const one = await owner();
    const other = await owner();
    const id = await world.start(one.engine);
    world.time.advance(timeout);
    await playSchedule(world.database, [
      ['one', 'begins'],
      ['one', 'fires', one.fires],
      ['other', 'fires', other.fires, 'waits'],
      ['one', 'commits'],
      ['other', 'goes on'],
    ]);

    expect(await world.sentTypes(id)).toEqual(['BookRoom', 'BookRoom']);
    expect(await world.inspect(one.engine, id)).toMatchObject({ steps: [{ attempts: 2 }, {}, {}, {}, {}] });
  });

  it('locks the streams in the order in which the reply locks them, so that they never deadlock', async () => {
    const { engine, fires, takes } = await owner({
      alsoLocks: (tripId) => [`a-trip-${tripId}`, `trip-${tripId}`],
    });
    const id = await world.start(engine);
    world.time.advance(timeout);
    await playSchedule(world.database, [
      ['customer', 'begins'],
      [
        'customer',
        'changes the trip',
        (sql) => sql.transaction((transaction) => lockStreams(transaction, [`trip-${id}`])),
      ],
      ['reply', 'is taken', roomBooked(takes, id), 'waits'],
      ['timer', 'fires', fires, 'waits'],
      ['customer', 'commits'],
      ['reply', 'goes on'],
      ['timer', 'goes on'],
    ]);

    expect(await world.sentTypes(id)).toEqual(['BookRoom', 'BookSeat']);
  });
});
