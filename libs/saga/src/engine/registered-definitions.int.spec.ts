import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { bookingEvents, trip } from '../decision/sample-saga.fixture.ts';
import { repair } from '../decision/sample-repair.fixture.ts';
import { WAITING_BY_PART } from '../postgres/saga.sql.ts';
import type { SagaEngine } from './saga-engine.ts';
import { openSagaWorld, tripVersion, type SagaWorld } from './saga-world.bench.ts';

describe('the definitions that a process knows', () => {
  let world: SagaWorld;
  let engine: SagaEngine;

  beforeAll(async () => {
    world = await openSagaWorld();
    engine = world.engine({ definitions: [trip, repair, tripVersion(2)], startVersions: { trip: 1 } });
  });
  beforeEach(() => world.database.sql.query('TRUNCATE saga_instance'));
  afterAll(() => world.close());

  const registered = () => engine.registeredDefinitions(world.database.sql);

  it('come with every version, and say which one new instances start with', async () => {
    const found = await registered();
    expect(found.map(({ name, version, startsNew }) => ({ name, version, startsNew }))).toEqual([
      { name: 'trip', version: 2, startsNew: false },
      { name: 'trip', version: 1, startsNew: true },
      { name: 'repair', version: 1, startsNew: true },
    ]);
    expect(found[1]?.parts).toContainEqual(
      expect.objectContaining({ name: 'room', accepted: expect.objectContaining({ type: 'RoomBooked' }) }),
    );
    expect(found.every(({ instances, waiting }) => instances === 0 && waiting.length === 0)).toBe(true);
  });

  it('have the number of live instances at each part, and separately of those that undo it', async () => {
    const refused = await world.start(engine);
    await world.answer(engine, refused, 'BookRoom', bookingEvents.RoomBooked);
    await world.answer(engine, refused, 'BookSeat', bookingEvents.SeatRefused, { reason: 'no_seat' });
    await world.start(engine);
    await world.start(engine);
    expect((await registered())[1]).toMatchObject({
      instances: 3,
      waiting: [
        { part: 'room', status: 'compensating', instances: 1 },
        { part: 'room', status: 'running', instances: 2 },
      ],
    });
  });

  const insert = (saga: {
    id: string;
    version?: number;
    status?: string;
    step: string;
    steps: string[] | null;
  }) =>
    world.database.sql.query(
      `INSERT INTO saga_instance (definition, saga_id, version, status, step, steps, needs_attention, start_topic, started_at, updated_at)
       VALUES ('trip', $1, $2, $3, $4, $5, false, 'trips', now(), now())`,
      [saga.id, saga.version ?? 1, saga.status ?? 'running', saga.step, saga.steps],
    );

  it('count an instance at everything that it waits for, also one that an earlier release has written', async () => {
    await insert({ id: 'both', step: 'room', steps: ['room', 'car'] });
    await insert({ id: 'old', step: 'car', steps: null });
    await insert({ id: 'back', step: 'seat', steps: ['room'] });
    await insert({ id: 'ended', status: 'completed', step: 'room', steps: ['room'] });
    await insert({ id: 'newer', version: 2, step: 'seat', steps: ['seat'] });
    await insert({ id: 'unknown', version: 3, step: 'seat', steps: ['seat'] });

    const [second, first] = await registered();

    expect(second).toMatchObject({ instances: 1, waiting: [{ part: 'seat', instances: 1 }] });
    expect(first).toMatchObject({
      instances: 3,
      waiting: [
        { part: 'car', instances: 2 },
        { part: 'room', instances: 1 },
        { part: 'seat', instances: 1 },
      ],
    });
  });

  const insertMany = (count: number, status: string) =>
    world.database.sql.query(
      `INSERT INTO saga_instance (definition, saga_id, version, status, step, steps, needs_attention, start_topic, started_at, updated_at)
       SELECT 'trip', $2::text || n, 1, $2::text, 'room', ARRAY['room'], false, 'trips', now(), now()
       FROM generate_series(1, $1::integer) AS n`,
      [count, status],
    );

  it('count up to 10,000 instances of each version', async () => {
    await insertMany(10_100, 'running');
    expect((await registered())[1]).toMatchObject({
      instances: 10_000,
      waiting: [{ part: 'room', instances: 10_000 }],
    });
  });

  it('count through an index of live instances, however many have ended', async () => {
    await insertMany(5_000, 'completed');
    await insertMany(20, 'running');
    await world.database.sql.query('ANALYZE saga_instance');
    const { rows } = await world.database.sql.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN ${WAITING_BY_PART.replace('$1', "'{trip}'").replace('$2', "'{1}'").replace('$3', '10000')}`,
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).not.toContain('Seq Scan on saga');
    expect(plan).toContain('Index Scan using saga_instance_');
  });
});
