import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 } from 'uuid';
import { bookingEvents, trip, tripEvents } from '../decision/sample-saga.fixture.ts';
import type { SagaDefinition } from '../definition/definition.ts';
import { UNKNOWN_INSTANCE } from '../postgres/saga.sql.ts';
import type { SagaEngine } from './saga-engine.ts';
import { newTrip, openSagaWorld, partition, tripVersion, type SagaWorld } from './saga-world.bench.ts';

/**
 * The saga as the earlier release knows it. It books no car, so `CarBooked` means nothing to it.
 */
const withoutCar: SagaDefinition = {
  ...trip,
  flow: trip.flow.filter((node) => !('name' in node && node.name === 'car')),
};
const both = [withoutCar, tripVersion(2)];

describe('two releases that know different versions of a saga', () => {
  let world: SagaWorld;
  let old: SagaEngine;
  let newer: SagaEngine;

  beforeAll(async () => {
    world = await openSagaWorld();
    old = world.engine({ definitions: [withoutCar] });
    newer = world.engine({ definitions: both });
  });
  afterAll(() => world.close());

  const versionOf = async (sagaId: string) => (await world.inspect(newer, sagaId))?.version;

  /**
   * Starts a saga that has booked a room and a seat and waits for the car, which version 1 does not
   * have.
   */
  async function waitsForCar() {
    const id = await world.start(newer);
    await world.answer(newer, id, 'BookRoom', bookingEvents.RoomBooked);
    await world.answer(newer, id, 'BookSeat', bookingEvents.SeatBooked);
    return id;
  }

  async function end(engine: SagaEngine, id: string) {
    await world.answer(engine, id, 'BookCar', bookingEvents.CarBooked);
    await world.answer(engine, id, 'ConfirmTrip', tripEvents.TripConfirmed);
    await world.answer(engine, id, 'IssueTicket', bookingEvents.TicketIssued);
  }

  /** Asks the guard, as the consumer runtime does before it skips messages with these keys. */
  const skip = (engine: SagaEngine, ...keys: readonly string[]) =>
    world.database.sql.transaction((transaction) =>
      engine.skipGuard(
        transaction,
        keys.map((key) => ({ topic: 'booking-events', partition, offset: 0n, key, type: 'CarBooked' })),
      ),
    );

  describe('S13 the version that new instances start with', () => {
    it('is the newest, or the one that the options name', async () => {
      const learning = world.engine({ definitions: both, startVersions: { trip: 1 } });
      const starting = world.engine({ definitions: both, startVersions: { trip: 2 } });

      expect(await versionOf(await world.start(newer))).toBe(2);
      expect(await versionOf(await world.start(learning))).toBe(1);
      expect(await versionOf(await world.start(starting))).toBe(2);
    });

    it('does not affect instances that started with another one', async () => {
      const id = await waitsForCar();
      const back = world.engine({ definitions: both, startVersions: { trip: 1 } });
      await end(back, id);

      expect(await world.inspect(back, id)).toMatchObject({ version: 2, status: 'completed' });
    });

    it.each([
      [
        'a version',
        { trip: 3 },
        'trip version 3 is not registered: choose one of trip version 2, trip version 1',
      ],
      ['a saga', { tripp: 1 }, 'tripp version 1 is not registered'],
    ])('is rejected for %s that is not registered', (_what, startVersions, message) => {
      expect(() => world.engine({ definitions: both, startVersions })).toThrow(
        expect.objectContaining({ code: 'unknown_start_version', message: expect.stringContaining(message) }),
      );
    });
  });

  describe('S11 a message of an instance that only the later release knows', () => {
    it.each([
      ['a reply', bookingEvents.RoomBooked, 'BookRoom'],
      ['a cancellation', tripEvents.TripAbandoned, undefined],
    ])(
      'blocks the earlier release if it is %s, and is handled by the later one',
      async (_what, declaration, command) => {
        const id = await world.start(newer);
        const sent = (await world.sent(id)).find(({ type }) => type === command);
        const about = { id: v7(), ...(sent && { causationId: sent.id }) };
        const before = await world.inspect(newer, id);

        await expect(world.deliver(old, declaration, id, {}, about)).rejects.toMatchObject({
          code: 'blocked',
          message: expect.stringContaining(`saga trip ${id} needs version 2`),
          cause: { code: 'unknown_version' },
        });
        expect(await world.inspect(newer, id)).toEqual(before);
        await world.deliver(newer, declaration, id, {}, about);
        expect(await world.sentTypes(id)).toHaveLength(2);
      },
    );

    it('blocks an earlier release that does not even know its type', async () => {
      const id = await waitsForCar();

      await expect(skip(old, newTrip(), id)).rejects.toMatchObject({
        code: 'blocked',
        message: expect.stringContaining(`saga trip ${id} needs version 2`),
      });
      await skip(newer, id);
    });

    it('blocks a release that does not know the saga by name', async () => {
      await world.start(old); // its name is known, and comes first
      const id = await world.start(world.engine({ definitions: [{ ...trip, name: 'voyage' }] }));

      await expect(skip(old, id)).rejects.toMatchObject({ code: 'blocked' });
      await expect(skip(newer, id)).rejects.toMatchObject({ code: 'blocked' });
    });

    it('is skipped if the instance has ended, does not exist or has a known version', async () => {
      const ended = await waitsForCar();
      await end(newer, ended);
      const known = await world.start(old);

      await expect(skip(old, ended, known, newTrip())).resolves.toBeUndefined();
    });
  });

  it('S14 let the earlier one boot again once the last instance of the later version has ended', async () => {
    await world.database.sql.query(`UPDATE saga_instance SET status = 'completed'`);
    const running = await world.start(old);
    const id = await waitsForCar();
    await expect(old.prepare(world.database.sql)).rejects.toMatchObject({
      code: 'unknown_version',
      message: expect.stringContaining('trip version 2 (1 live)'),
    });
    expect(await old.unknownLiveVersions(world.database.sql)).toEqual([
      { definition: 'trip', version: 2, instances: 1 },
    ]);
    expect(await newer.unknownLiveVersions(world.database.sql)).toEqual([]);

    await end(newer, id);
    await old.prepare(world.database.sql);
    expect(await old.unknownLiveVersions(world.database.sql)).toEqual([]);
    await world.answer(old, id, 'BookRoom', bookingEvents.RoomBooked);
    await world.answer(old, running, 'BookRoom', bookingEvents.RoomBooked);
    expect(await world.sentTypes(running)).toEqual(['BookRoom', 'BookSeat']);
  });

  it('look each skipped message up by the primary key, however many sagas there have been', async () => {
    await world.database.sql.query(
      `INSERT INTO saga_instance (definition, saga_id, version, status, needs_attention, start_topic, partition, started_at, updated_at)
       SELECT name, n::text, 1, 'completed', false, 'trips', 0, now(), now()
       FROM unnest('{cruise,tour,trip}'::text[]) AS name, generate_series(1, 5000) AS n`,
    );
    await world.database.sql.query('ANALYZE saga_instance');
    const keys = Array.from({ length: 100 }, () => newTrip());
    const { rows } = await world.database.sql.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${UNKNOWN_INSTANCE}`, [
      keys,
      ['trip'],
      [1],
    ]);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');

    expect(plan).not.toContain('Seq Scan on saga_instance');
    expect(plan).toContain('using saga_instance_pkey');
  });
});
