import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MessageDeclaration } from '@millrace/streaming-core/contract';
import { bookingEvents, trip, tripEvents } from '../decision/sample-saga.fixture.ts';
import type { SagaDefinition } from '../definition/definition.ts';
import { sagaStream } from '../definition/definition.ts';
import type { SagaEngine } from './saga-engine.ts';
import { newTrip, openSagaWorld, tripVersion, type SagaWorld } from './saga-world.bench.ts';

/** A second saga that starts with the same message under the same id and sends the same commands. */
const voyage: SagaDefinition = { ...trip, name: 'voyage' };

/** An earlier version of the first one, to which the replies of its first step mean nothing. */
const withoutRoom: SagaDefinition = { ...trip, flow: trip.flow.slice(1) };

describe('two sagas that have the same id and wait for the same type of reply', () => {
  let world: SagaWorld;
  let engine: SagaEngine;

  beforeAll(async () => {
    world = await openSagaWorld();
    engine = world.engine({ definitions: [trip, voyage] });
  });
  afterAll(() => world.close());

  /** The id of the first command that each saga has sent. */
  async function commandsOf(sagaId: string): Promise<Readonly<Record<string, string>>> {
    const { rows } = await world.database.sql.query<{ id: string; saga: string }>(
      "SELECT id, headers ->> 'ce_saga' AS saga FROM outbox WHERE key = $1 AND type = 'BookRoom'",
      [sagaId],
    );
    return Object.fromEntries(rows.map(({ id, saga }) => [saga, id]));
  }

  async function stepOf(sagaId: string): Promise<Readonly<Record<string, string>>> {
    const { rows } = await world.database.sql.query<{ definition: string; step: string }>(
      'SELECT definition, step FROM saga_instance WHERE saga_id = $1',
      [sagaId],
    );
    return Object.fromEntries(rows.map(({ definition, step }) => [definition, step]));
  }

  const locksOf = (of: SagaEngine, declaration: MessageDeclaration, saga?: string) =>
    of.handlers
      .find(({ message }) => message === declaration)
      ?.locks?.({ type: declaration.type }, { key: 't9', saga } as never);

  it('S35 send their commands in their own names', async () => {
    expect(Object.keys(await commandsOf(await world.start(engine))).sort()).toEqual(['trip', 'voyage']);
  });

  it.each(['trip', 'voyage'])('S35 take each a reply to their own command: %s', async (saga) => {
    const id = await world.start(engine);
    const causationId = (await commandsOf(id))[saga] ?? '';
    await world.deliver(engine, bookingEvents.RoomBooked, id, {}, { causationId, saga });

    expect(await stepOf(id)).toEqual({ trip: 'room', voyage: 'room', [saga]: 'seat' });
  });

  it('S35 lock only the stream of the saga that a reply names', () => {
    expect(locksOf(engine, bookingEvents.RoomBooked, 'voyage')).toEqual([sagaStream('voyage', 't9')]);
    expect(locksOf(engine, tripEvents.TripClosed, 'voyage')).toEqual([sagaStream('voyage', 't9')]);
    expect(locksOf(engine, bookingEvents.RoomFreed, 'other')).toEqual([]);
  });

  it('take a reply of an earlier release, which names no saga, if it answers their command', async () => {
    const both = ['trip', 'voyage'].map((name) => sagaStream(name, 't9'));
    expect(locksOf(engine, bookingEvents.RoomBooked)).toEqual(both);
    const id = await world.start(engine);
    const causationId = (await commandsOf(id))['voyage'] ?? '';
    await world.deliver(engine, bookingEvents.RoomBooked, id, {}, { causationId });

    expect(await stepOf(id)).toEqual({ trip: 'room', voyage: 'seat' });
  });

  it('both start and are both cancelled by a message, whichever saga it names', async () => {
    const id = newTrip();
    await world.start(engine, id, { saga: 'trip' });
    expect(await stepOf(id)).toEqual({ trip: 'room', voyage: 'room' });
    await world.deliver(engine, tripEvents.TripAbandoned, id, {}, { saga: 'other' });

    const sent = await world.sentTypes(id);
    expect(sent.toSorted()).toEqual(['BookRoom', 'BookRoom', 'FreeRoom', 'FreeRoom']);
  });

  it.each([
    ['of a saga that it does not know', [voyage], [trip, voyage]],
    ['of a version that it does not know', [voyage, withoutRoom], [tripVersion(2), voyage]],
  ])('S11 block a process that takes such replies for one of them, if the reply is %s', async (...row) => {
    const [, known, all] = row;
    const newer = world.engine({ definitions: all });
    const older = world.engine({ definitions: known });
    const id = await world.start(newer);
    const about = { causationId: (await commandsOf(id))['trip'] ?? '', saga: 'trip' };

    await expect(world.deliver(older, bookingEvents.RoomBooked, id, {}, about)).rejects.toMatchObject({
      code: 'blocked',
      message: expect.stringContaining(`saga trip ${id} needs version`),
    });
    await world.deliver(newer, bookingEvents.RoomBooked, id, {}, about);
    expect(await stepOf(id)).toEqual({ trip: 'seat', voyage: 'room' });
    await world.deliver(older, bookingEvents.RoomBooked, newTrip(), {}, { saga: 'of another service' });
  });

  it('Z35 are distinguished by an operator, who has to name the definition', async () => {
    const id = await world.start(engine);
    const { operations } = engine;
    const { sql } = world.database;
    const asked = { sagaId: id, expected: 2n, actor: 'grace', reason: 'INC-7', causationId: randomUUID() };
    const pause = (definition?: string) =>
      sql.transaction((transaction) =>
        operations.act(transaction, { ...asked, definition, action: 'pause' }),
      );
    const ambiguous = {
      code: 'several_sagas',
      message: expect.stringContaining(`trip/${id} and voyage/${id} have the same id`),
    };
    await expect(operations.look(sql, { sagaId: id })).rejects.toMatchObject(ambiguous);
    await expect(pause()).rejects.toMatchObject(ambiguous);

    expect(await pause('voyage')).toMatchObject({ definition: 'voyage', paused: { actor: 'grace' } });
    const other = await operations.look(sql, { sagaId: id, definition: 'trip' });
    expect(other).toMatchObject({ definition: 'trip', streamVersion: 2n });
    expect(other?.paused).toBeUndefined();
    expect(await operations.look(sql, { sagaId: id, definition: 'other' })).toBeUndefined();
  });
});
