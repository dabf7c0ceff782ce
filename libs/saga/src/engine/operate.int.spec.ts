import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { bookingEvents, tripEvents, withLocalPivot } from '../decision/sample-saga.fixture.ts';
import { listSagas, type SagaQuery } from '../postgres/saga-list.ts';
import type { OperatorAct } from './operate.ts';
import type { SagaEngine } from './saga-engine.ts';
import { newTrip, openSagaWorld, type SagaWorld } from './saga-world.bench.ts';

describe('an operator on PostgreSQL', () => {
  let world: SagaWorld;
  let engine: SagaEngine;

  beforeAll(async () => {
    world = await openSagaWorld();
    engine = world.engine();
  });
  afterAll(() => world.close());

  const look = (sagaId: string) => engine.operations.look(world.database.sql, { sagaId });
  const act = (sagaId: string, asked: Pick<OperatorAct, 'expected' | 'action'> & Partial<OperatorAct>) =>
    world.database.sql.transaction((transaction) =>
      engine.operations.act(transaction, {
        sagaId,
        actor: 'grace',
        reason: 'INC-7',
        causationId: randomUUID(),
        ...asked,
      }),
    );
  const seenAt = async (sagaId: string) => (await look(sagaId))!.streamVersion;
  const list = async (query: Partial<SagaQuery> = {}) =>
    (await listSagas(world.database.sql, { state: 'all', limit: 100, ...query })).map(
      ({ saga }) => saga.sagaId,
    );

  it('sees what a saga waits for, with its events and timers', async () => {
    const id = await world.start(engine);
    expect(await look(id)).toMatchObject({
      sagaId: id,
      status: 'running',
      streamVersion: 2n,
      waitsFor: [{ step: 'room', role: 'step', replies: ['RoomBooked', 'RoomRefused'] }],
      timers: [{ step: 'room', attempt: 1 }],
      events: [{ type: 'SagaStarted' }, { type: 'CommandSent' }],
    });
    expect(await look('nobody')).toBeUndefined();
  });

  it('pages through the events of a saga, the oldest first', async () => {
    const id = await world.start(engine);
    await act(id, { expected: 2n, action: 'retry' });
    const { definition, events } = (await look(id))!;
    const history = (after: bigint, limit: number, name = { definition, sagaId: id }) =>
      engine.operations.history(world.database.sql, name, { after, limit });

    const all = (await history(0n, 100))!;
    expect(all.map(({ event }) => event)).toEqual(events);
    expect(all.map(({ streamVersion }) => streamVersion)).toEqual([1n, 2n, 3n, 4n]);
    expect(await history(1n, 2)).toEqual(all.slice(1, 3));
    expect(await history(4n, 2)).toEqual([]);
    expect(await history(0n, 2, { definition, sagaId: 'nobody' })).toBeUndefined();
  });

  it('Z02 retries, skips and pauses, each as an event with actor and reason, and the saga reaches its end', async () => {
    const id = await world.start(engine);
    await act(id, { expected: 2n, action: 'retry' });
    await act(id, { expected: 4n, action: 'skip', result: { type: 'RoomBooked', tripId: id } });
    expect(await world.sentTypes(id)).toEqual(['BookRoom', 'BookRoom', 'BookSeat']);
    await act(id, { expected: await seenAt(id), action: 'pause' });
    expect(await world.dueAt(id)).toEqual([]);
    expect(await list({ state: 'paused' })).toContain(id);
    await world.answer(engine, id, 'BookSeat', bookingEvents.SeatBooked);
    expect(await world.sentTypes(id)).toHaveLength(3);
    const resumed = await act(id, { expected: await seenAt(id), action: 'resume' });
    expect(resumed).toMatchObject({ status: 'running', waitsFor: [{ step: 'car' }] });
    expect(await world.dueAt(id)).toHaveLength(1);
    await world.answer(engine, id, 'BookCar', bookingEvents.CarBooked);
    await world.answer(engine, id, 'ConfirmTrip', tripEvents.TripConfirmed);
    await world.answer(engine, id, 'IssueTicket', bookingEvents.TicketIssued);

    const acted = (await world.historyOf(id)).filter(({ type }) => type === 'OperatorActed');
    expect(acted).toMatchObject([
      { action: 'retry', actor: 'grace', reason: 'INC-7', step: 'room' },
      { action: 'skip' },
      { action: 'pause' },
      { action: 'resume' },
    ]);
    expect(await look(id)).toMatchObject({ status: 'completed' });
    await expect(act(id, { expected: await seenAt(id), action: 'pause' })).rejects.toMatchObject({
      code: 'saga_ended',
    });
  });

  it('refuses a result that the schema of the reply refuses, and writes nothing', async () => {
    const id = await world.start(engine);
    const skip = act(id, { expected: 2n, action: 'skip', result: { type: 'RoomBooked', room: 7 } });
    await expect(skip).rejects.toMatchObject({
      code: 'invalid_result',
      message: expect.stringContaining('tripId'),
    });
    expect(await seenAt(id)).toBe(2n);
  });

  it('Z03 wins alone when two act on the same version at once', async () => {
    const id = await world.start(engine);
    const outcomes = await Promise.allSettled([
      act(id, { expected: 2n, action: 'retry' }),
      act(id, { expected: 2n, action: 'compensate' }),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'version_moved' },
    });
    expect((await world.historyOf(id)).filter(({ type }) => type === 'OperatorActed')).toHaveLength(1);
  });

  it('gives the timer of a saga that started locally the partition that its messages brought', async () => {
    const id = newTrip();
    const starting = world.engine({
      definitions: [{ ...withLocalPivot, startsLocally: true }],
      local: () => Promise.resolve([]),
    });
    await world.write(starting, id);
    await world.answer(starting, id, 'BookRoom', bookingEvents.RoomBooked);
    await act(id, { expected: await seenAt(id), action: 'pause' });
    await act(id, { expected: await seenAt(id), action: 'resume' });
    const { rows } = await world.database.sql.query(
      'SELECT step, partition FROM saga_timer WHERE saga_id = $1',
      [id],
    );
    expect(rows).toEqual([{ step: 'seat', partition: 3 }]);
  });

  it('lists sagas by state, step and age, page by page', async () => {
    const first = await world.start(engine);
    const second = await world.start(engine);
    await world.answer(engine, second, 'BookRoom', bookingEvents.RoomBooked);
    expect(await list({ step: 'seat' })).toContain(second);
    expect(await list({ step: 'seat' })).not.toContain(first);
    expect(await list({ olderThanMs: 86_400_000, state: 'live' })).toContain(first);
    expect(await list({ olderThanMs: 100 * 365 * 86_400_000 })).toEqual([]);

    const all = await list();
    const pages: string[] = [];
    for (let after: SagaQuery['after']; ;) {
      const page = await listSagas(world.database.sql, { state: 'all', limit: 2, after });
      pages.push(...page.map(({ saga }) => saga.sagaId));
      if (page.length < 2) break;
      after = page.at(-1)!.place;
    }
    expect(pages).toEqual(all);
    expect(new Set(all).size).toBe(all.length);
  });
});
