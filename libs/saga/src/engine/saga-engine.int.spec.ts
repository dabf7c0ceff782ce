import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { postgresEventStore } from '@millrace/event-sourcing';
import { bookingEvents, trip, tripEvents } from '../decision/sample-saga.fixture.ts';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { newTrip, openSagaWorld, tripVersion, type SagaWorld } from './saga-world.bench.ts';

describe('a saga on PostgreSQL', () => {
  let world: SagaWorld;

  beforeAll(async () => void (world = await openSagaWorld()));
  afterAll(() => world.close());

  const instance = async (sagaId: string) =>
    (
      await world.database.sql.query(
        'SELECT status, step, needs_attention, reason FROM saga_instance WHERE saga_id = $1',
        [sagaId],
      )
    ).rows[0];

  it('runs from its start message to its end, one input at a time', async () => {
    const engine = world.engine();
    const id = await world.start(engine);
    expect(await instance(id)).toEqual({
      status: 'running',
      step: 'room',
      needs_attention: false,
      reason: null,
    });
    await world.answer(engine, id, 'BookRoom', bookingEvents.RoomBooked);
    await world.answer(engine, id, 'BookSeat', bookingEvents.SeatBooked);
    await world.answer(engine, id, 'BookCar', bookingEvents.CarBooked);
    await world.answer(engine, id, 'ConfirmTrip', tripEvents.TripConfirmed);
    await world.answer(engine, id, 'IssueTicket', bookingEvents.TicketIssued);

    expect(await world.sentTypes(id)).toEqual([
      'BookRoom',
      'BookSeat',
      'BookCar',
      'ConfirmTrip',
      'IssueTicket',
    ]);
    expect(await instance(id)).toEqual({
      status: 'completed',
      step: null,
      needs_attention: false,
      reason: null,
    });
    expect(await world.dueAt(id)).toEqual([]);
  });

  it('reports its start and its end once each, however often its last reply arrives', async () => {
    const reports: unknown[] = [];
    const note = (report: unknown) => void reports.push(report);
    for (const name of ['millrace.saga.started', 'millrace.saga.ended']) subscribe(name, note);
    const engine = world.engine();
    const id = await world.start(engine);
    expect(reports).toEqual([{ definition: 'trip' }]);
    world.time.advance(1_500);
    await world.answer(engine, id, 'BookRoom', bookingEvents.RoomRefused, { reason: 'no_room' });
    for (let copy = 0; copy < 2; copy += 1)
      await world.answer(engine, id, 'CloseTrip', tripEvents.TripClosed, { reason: 'no_room' });
    for (const name of ['millrace.saga.started', 'millrace.saga.ended']) unsubscribe(name, note);

    expect(reports).toEqual([
      { definition: 'trip' },
      { definition: 'trip', outcome: 'compensated', durationMs: 1_500 },
    ]);
  });

  it('writes commands with its id as their key, and with their cause, correlation and content', async () => {
    const engine = world.engine();
    const id = await world.start(engine);
    const cause = await world.answer(engine, id, 'BookRoom', bookingEvents.RoomBooked);

    expect((await world.sent(id)).at(-1)).toMatchObject({
      topic: 'booking-commands',
      key: id,
      correlationid: `story-${id}`,
      causationid: cause,
      payload: { type: 'BookSeat', tripId: id, guest: 'Ada Lovelace' },
    });
  });

  it('S08 stores no personal data, neither in its stream nor in its rows', async () => {
    const engine = world.engine();
    const id = await world.start(engine);
    await world.answer(engine, id, 'BookRoom', bookingEvents.RoomBooked);
    const { rows } = await world.database.sql.query(
      `SELECT event::text AS kept FROM event UNION ALL SELECT saga_instance::text FROM saga_instance UNION ALL SELECT saga_timer::text FROM saga_timer`,
    );

    expect(rows.length).toBeGreaterThan(3);
    expect(rows.filter(({ kept }) => String(kept).includes('Ada'))).toEqual([]);
  });

  it('undoes its steps in reverse order after a rejection, and shows the reason when inspected', async () => {
    const engine = world.engine();
    const id = await world.start(engine);
    await world.answer(engine, id, 'BookRoom', bookingEvents.RoomBooked);
    await world.answer(engine, id, 'BookSeat', bookingEvents.SeatBooked);
    await world.answer(engine, id, 'BookCar', bookingEvents.CarRefused, { reason: 'no_car' });
    await world.answer(engine, id, 'FreeSeat', bookingEvents.SeatFreed);

    expect(await world.inspect(engine, id)).toMatchObject({
      sagaId: id,
      definition: 'trip',
      version: 1,
      status: 'compensating',
      reason: 'no_car',
      steps: [
        { name: 'room', status: 'accepted', attempts: 1 },
        { name: 'seat', status: 'accepted', attempts: 1 },
        { name: 'car', status: 'rejected', attempts: 1, repliedAt: expect.any(String) },
        { name: 'confirm', status: 'pending', attempts: 0, sentAt: null, repliedAt: null },
        { name: 'ticket', status: 'pending' },
      ],
      timers: [{ step: 'room', kind: 'compensation', attempt: 1 }],
      compensations: [
        { name: 'seat', status: 'compensated' },
        { name: 'room', status: 'sent', repliedAt: null },
      ],
    });
    await world.answer(engine, id, 'FreeRoom', bookingEvents.RoomFreed);
    expect((await world.sent(id)).at(-1)?.payload).toEqual({
      type: 'CloseTrip',
      tripId: id,
      reason: 'no_car',
    });
    await world.answer(engine, id, 'CloseTrip', tripEvents.TripClosed, { reason: 'no_car' });
    expect(await instance(id)).toEqual({
      status: 'compensated',
      step: null,
      needs_attention: false,
      reason: 'no_car',
    });
  });

  it('is compensated after a cancellation', async () => {
    const engine = world.engine();
    const id = await world.start(engine);
    await world.deliver(engine, tripEvents.TripAbandoned, id);

    expect(await world.sentTypes(id)).toEqual(['BookRoom', 'FreeRoom']);
  });

  it('S04 resumes in a new process where the last commit left off', async () => {
    const id = await world.start(world.engine());
    await world.answer(world.engine(), id, 'BookRoom', bookingEvents.RoomBooked);
    await world.answer(world.engine(), id, 'BookSeat', bookingEvents.SeatRefused, { reason: 'no_seat' });

    expect(await world.sentTypes(id)).toEqual(['BookRoom', 'BookSeat', 'FreeRoom']);
  });

  it('takes two simultaneous replies one after the other', async () => {
    const engine = world.engine();
    const id = await world.start(engine);
    await Promise.all([
      world.answer(engine, id, 'BookRoom', bookingEvents.RoomBooked),
      world.answer(engine, id, 'BookRoom', bookingEvents.RoomBooked),
      world.deliver(engine, tripEvents.TripAbandoned, id),
    ]);
    const types = await world.sentTypes(id);

    expect(types.filter((type) => type === 'BookSeat').length).toBeLessThanOrEqual(1);
    expect(types.filter((type) => type.startsWith('Free'))).toHaveLength(1);
  });

  it('keeps nothing of an input whose transaction fails', async () => {
    const engine = world.engine({ appendToOutbox: () => Promise.reject(new Error('outbox full')) });
    const id = newTrip();

    await expect(world.start(engine, id)).rejects.toThrow('outbox full');
    expect(await world.inspect(engine, id)).toBeUndefined();
    expect(await world.dueAt(id)).toEqual([]);
    expect(await instance(id)).toBeUndefined();
  });

  it('sends at most five statements for an input, including its locks and the personal data', async () => {
    const engine = world.engine();
    const id = await world.start(engine);
    const statements: string[] = [];
    const counted = (transaction: SqlTransaction) =>
      transaction.withQuery((text, values) => (statements.push(text), transaction.query(text, values)));
    const [first] = await world.sent(id);
    await world.deliver(engine, bookingEvents.RoomBooked, id, {}, { causationId: first?.id ?? '' }, counted);

    expect(await world.sentTypes(id)).toEqual(['BookRoom', 'BookSeat']);
    expect(statements).toHaveLength(5);
  });

  it('M15 writes a batch of inputs with one statement of each kind, even if several are for one saga', async () => {
    const engine = world.engine({ personal: () => Promise.resolve({ guest: 'Ada Lovelace' }) });
    await engine.prepare(world.database.sql); // reads what is held back, which is read at most once a second
    const ids = Array.from({ length: 10 }, () => newTrip());
    const statements: string[] = [];
    const counted = (transaction: SqlTransaction) =>
      transaction.withQuery((text, values) => (statements.push(text), transaction.query(text, values)));
    const starts = ids.map((key) => ({ declaration: tripEvents.TripAsked, key, fields: { city: 'Rome' } }));
    const cancellation = { declaration: tripEvents.TripAbandoned, key: ids[0]! };
    await world.deliverAll(engine, [...starts, cancellation], counted);

    expect(statements).toHaveLength(4); // locks, events, saga rows, outbox
    expect(await world.sentTypes(ids[0]!)).toEqual(['BookRoom', 'FreeRoom']);
    expect(await instance(ids[0]!)).toMatchObject({ status: 'compensating' });
    expect((await world.inspect(engine, ids[0]!))?.timers).toMatchObject([
      { step: 'room', kind: 'compensation', attempt: 1 },
    ]);
    expect(await world.sentTypes(ids[9]!)).toEqual(['BookRoom']);
    expect((await world.inspect(engine, ids[9]!))?.timers).toMatchObject([
      { step: 'room', kind: 'step', attempt: 1 },
    ]);
  });

  it('ignores messages for which no saga was started', async () => {
    const engine = world.engine();
    const id = newTrip();
    await world.deliver(engine, bookingEvents.RoomBooked, id);

    expect(await postgresEventStore().read(world.database.sql, `saga-trip-${id}`)).toEqual([]);
  });

  it('rejects a start message whose key is not its id, since replies would arrive on another partition', async () => {
    const engine = world.engine();

    await expect(
      world.deliver(engine, tripEvents.TripAsked, newTrip(), { city: 'Rome', tripId: 'other' }),
    ).rejects.toMatchObject({
      code: 'terminal',
    });
  });

  it('asks for personal data only for a saga that declares some', async () => {
    const plain = { ...trip, personal: undefined };
    const asked: string[] = [];
    const engine = world.engine({
      definitions: [plain],
      personal: (_, sagaId) => {
        asked.push(sagaId);
        return Promise.reject(new Error('there is no such guest'));
      },
    });
    const id = await world.start(engine);

    expect(await world.sentTypes(id)).toEqual(['BookRoom']);
    expect(asked).toEqual([]);
  });

  it('locks the saga and the streams that its commands are built from', () => {
    const engine = world.engine({ alsoLocks: (sagaId) => [`guest-${sagaId}`] });
    const [handler] = engine.handlers;

    expect(handler?.locks?.({ type: 'TripAsked' }, { key: 't9' } as never)).toEqual([
      'saga-trip-t9',
      'guest-t9',
    ]);
  });

  it('names the topics that its sagas read and send commands to', () => {
    expect(world.engine().topics).toEqual(['trip-events', 'booking-events', 'booking-commands']);
  });

  it('S09 refuses to boot without a version that a live instance was started with', async () => {
    const id = await world.start(world.engine({ definitions: [tripVersion(7)] }));

    await expect(world.engine().prepare(world.database.sql)).rejects.toMatchObject({
      code: 'unknown_version',
      message: expect.stringContaining('trip version 7 (1 live)'),
    });
    const both = world.engine({ definitions: [tripVersion(1), tripVersion(7), tripVersion(8)] });
    await both.prepare(world.database.sql);
    await world.answer(both, id, 'BookRoom', bookingEvents.RoomBooked);
    expect(await world.inspect(both, id)).toMatchObject({ version: 7 });
    expect(await world.inspect(both, await world.start(both))).toMatchObject({ version: 8 });
  });

  it('lets a version retire once its last instance has ended, and ignores replies after that', async () => {
    const old = world.engine({ definitions: [tripVersion(5)] });
    const id = await world.start(old);
    await world.answer(old, id, 'BookRoom', bookingEvents.RoomRefused, { reason: 'no_room' });
    await world.answer(old, id, 'CloseTrip', tripEvents.TripClosed, { reason: 'no_room' });
    const engine = world.engine();
    await world.answer(engine, id, 'BookRoom', bookingEvents.RoomBooked);

    expect(await world.inspect(engine, id)).toMatchObject({
      version: 5,
      status: 'compensated',
      steps: [{ name: 'room', status: 'rejected' }],
    });
  });
});
