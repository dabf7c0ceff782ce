import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { migrate, streamingCoreMigrations } from '@millrace/streaming-core/postgres';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { sagaMigrations } from '../errors.ts';
import { sagaFigures } from './saga-figures.ts';
import {
  LIVE_SAGAS,
  OLDEST_BY_STEP,
  OLDEST_COMMANDS,
  OVERDUE_TIMERS,
  SAGAS_IN_NEED,
  UNADOPTED_TIMERS,
} from './saga.sql.ts';

describe('figures of sagas', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.sql, [
      { library: 'streaming-core', folder: streamingCoreMigrations },
      { library: 'saga', folder: sagaMigrations },
    ]);
  });
  beforeEach(() => database.sql.query('TRUNCATE saga_instance, saga_timer'));
  afterAll(() => database.drop());

  /** Inserts sagas that began one second apart, the first one `ageSeconds` ago. */
  const sagas = (count: number, status: string, { ageSeconds = 60, needsAttention = false } = {}) =>
    database.sql.query(
      `INSERT INTO saga_instance (definition, saga_id, version, status, needs_attention, start_topic, partition, started_at, updated_at)
       SELECT 'trip', $2::text || n, 1, $2::text, $4::boolean, 'trips', n % 6, now() - ($3::integer - n) * interval '1 second', now()
       FROM generate_series(0, $1 - 1) AS n`,
      [count, status, ageSeconds, needsAttention],
    );
  /**
   * Inserts timers that come due one second apart, the first one in `dueInSeconds`. They belong to
   * one partition, or to none.
   */
  const timers = (count: number, partition: number | null, dueInSeconds: number) =>
    database.sql.query(
      `INSERT INTO saga_timer (definition, saga_id, role, step, token, attempt,
         due_at, step_timeout_ms, start_topic, partition)
       SELECT 'trip', concat_ws('-', $2::text, $3::text, n), 'step', 'book', 'token', 1,
         now() + ($3::integer + n) * interval '1 second', 30000, 'trips', $2::integer
       FROM generate_series(0, $1 - 1) AS n`,
      [count, partition, dueInSeconds],
    );

  it('are all zero if there is no saga', async () => {
    expect(await sagaFigures(database.sql)).toEqual({
      live: [],
      needAttention: [],
      steps: [],
      commands: [],
      timers: { overdue: 0, oldestOverdueMs: 0, unadopted: 0, oldestUnadoptedMs: 0 },
    });
  });

  it('count live sagas by status, with the age of the oldest', async () => {
    await sagas(3, 'running', { ageSeconds: 600 });
    await sagas(2, 'compensating', { ageSeconds: 90, needsAttention: true });
    await sagas(5, 'completed', { ageSeconds: 9_000 });

    const { live, needAttention } = await sagaFigures(database.sql);

    expect(live).toEqual([
      { definition: 'trip', status: 'compensating', instances: 2, oldestAgeMs: expect.closeTo(90_000, -4) },
      { definition: 'trip', status: 'running', instances: 3, oldestAgeMs: expect.closeTo(600_000, -4) },
    ]);
    expect(needAttention).toEqual([{ definition: 'trip', instances: 2 }]);
  });

  it('S22 show the oldest saga that waits for each step, also one that an earlier release has written', async () => {
    const waitsFor = (id: string, step: string, steps: readonly string[] | null, ageSeconds: number) =>
      database.sql.query(
        `INSERT INTO saga_instance (definition, saga_id, version, status, step, steps, needs_attention, start_topic, started_at, updated_at)
         VALUES ('trip', $1, 1, 'running', $2, $3, false, 'trips', now() - $4::integer * interval '1 second', now())`,
        [id, step, steps, ageSeconds],
      );
    await waitsFor('new', 'room', ['room', 'car'], 100);
    await waitsFor('newer', 'car', ['car'], 50);
    await waitsFor('old', 'room', null, 300);
    await sagas(2, 'completed', { ageSeconds: 9_000 });

    const { steps } = await sagaFigures(database.sql);

    expect(steps).toEqual([
      { definition: 'trip', step: 'car', oldestAgeMs: expect.closeTo(100_000, -4) },
      { definition: 'trip', step: 'room', oldestAgeMs: expect.closeTo(300_000, -4) },
    ]);
  });

  it('S22 show how long the oldest command of each definition has waited, without sagas that are within a wait', async () => {
    const waits = (definition: string, id: string, role: string, step: string, seconds: number) =>
      database.sql.query(
        `INSERT INTO saga_timer (definition, saga_id, role, step, token, attempt, due_at, step_timeout_ms, start_topic, since)
         VALUES ($1, $2, $3, $4, 'token', 1, now(), 30000, 'trips', now() - $5::integer * interval '1 second')`,
        [definition, id, role, step, seconds],
      );
    await waits('trip', 'waiting', 'wait', 'approval', 900_000);
    await waits('trip', 'waiting', 'deadline', 'deadline', 900_000);
    await waits('trip', 'new', 'step', 'room', 10);
    await waits('trip', 'old', 'compensation', 'car', 5_000);
    await waits('voyage', 'only', 'closing', 'close', 40);
    await waits('walk', 'waiting', 'delay', 'rest', 900_000);

    const { commands } = await sagaFigures(database.sql);

    expect(commands).toEqual([
      { definition: 'trip', step: 'car', oldestAgeMs: expect.closeTo(5_000_000, -4) },
      { definition: 'voyage', step: 'close', oldestAgeMs: expect.closeTo(40_000, -4) },
    ]);
  });

  it('show how late the most overdue timer of any partition is', async () => {
    await timers(10, 0, 300);
    await timers(4, 2, -2);
    await timers(3, 5, -120);

    const { timers: due } = await sagaFigures(database.sql);

    // Three timers of partition 2 are 2, 1 and 0 seconds late.
    expect(due).toMatchObject({ overdue: 6, oldestOverdueMs: expect.closeTo(120_000, -4) });
  });

  it('S22 count the due timers that have no partition separately', async () => {
    await timers(10, null, -100);
    await timers(5, null, 300);
    await timers(2, 4, -60);

    const { timers: due } = await sagaFigures(database.sql);

    expect(due).toMatchObject({ overdue: 2, unadopted: 10, oldestUnadoptedMs: expect.closeTo(100_000, -4) });
  });

  it('are read through indexes, however many sagas there have been and however many timers wait', async () => {
    await sagas(5_000, 'completed');
    await sagas(20, 'running');
    for (const partition of [0, 1, 2, null]) await timers(3_000, partition, 3_600);
    await database.sql.query('ANALYZE saga_instance, saga_timer');

    for (const statement of [
      LIVE_SAGAS,
      OLDEST_BY_STEP,
      OLDEST_COMMANDS,
      SAGAS_IN_NEED,
      OVERDUE_TIMERS,
      UNADOPTED_TIMERS,
    ]) {
      const { rows } = await database.sql.query<{ 'QUERY PLAN': string }>(
        `EXPLAIN ${statement.replace('$1', '10000')}`,
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).not.toContain('Seq Scan on saga');
      expect(plan).toMatch(/Index (Only )?Scan using saga_/);
    }
  });
});
