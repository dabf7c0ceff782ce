import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pause, silentLogger, systemClock, type Clock } from '@millrace/streaming-core/runtime';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { TestDatabase } from '@millrace/testing/postgres';
import { within } from '@millrace/testing/within';
import { undeclaredEvents } from './event-versions.ts';
import type { RecordedEvent } from './event-store.ts';
import { appendOptions, newStream, openEventDatabase } from './postgres/event-database.fixture.ts';
import { postgresEventStore } from './postgres/postgres-event-store.ts';
import { inlineProjections, type RebuildableProjection } from './projection.ts';
import { createRebuilds, type Rebuilds, type RebuildsOptions } from './rebuilds.ts';

type Counted = { readonly type: 'Counted'; readonly by: number };
const counted = (by: number): Counted => ({ type: 'Counted', by });

/** Sums up what each stream has counted. */
const totals: RebuildableProjection = {
  name: 'total',
  version: 1,
  tables: ['total'],
  eventTypes: ['Counted'],
  async apply(transaction, events) {
    const counted = events as readonly RecordedEvent<Counted>[];
    await transaction.query(
      `INSERT INTO total AS t (stream, sum)
       SELECT stream, sum(by) FROM unnest($1::text[], $2::bigint[]) AS counted (stream, by)
       GROUP BY stream ORDER BY stream
       ON CONFLICT (stream) DO UPDATE SET sum = t.sum + excluded.sum`,
      [counted.map(({ stream }) => stream), counted.map(({ event }) => event.by)],
    );
  },
};

describe('a rebuild of a read model', () => {
  const store = postgresEventStore();
  const projections = inlineProjections([totals]);
  const started: Rebuilds[] = [];
  let empty: TestDatabase;
  let database: TestDatabase;

  beforeAll(async () => {
    empty = await openEventDatabase();
    await empty.sql.query(
      'CREATE TABLE total (stream text PRIMARY KEY, sum bigint NOT NULL CHECK (sum < 1000000))',
    );
    await empty.sql.query('CREATE INDEX largest_totals ON total USING btree (sum DESC) WHERE sum > 3');
  });
  beforeEach(async () => void (database = await empty.copy()));
  afterEach(async () => {
    await Promise.all(started.splice(0).map((rebuilds) => rebuilds.stop()));
    await database.drop();
  });
  afterAll(() => empty.drop());

  const process = (isWorker = true, logger = silentLogger, options: Partial<RebuildsOptions> = {}) => {
    const rebuilds = createRebuilds({
      database: database.sql,
      projections: [totals],
      catalog: undeclaredEvents,
      clock: systemClock,
      logger,
      ...options,
    });
    started.push(rebuilds);
    if (isWorker) rebuilds.start();
    return rebuilds;
  };
  const append = (stream: string, ...by: readonly number[]) =>
    database.sql.transaction((transaction) =>
      transaction.unitOfWork(async () => {
        const appends = [{ stream, expected: 'any' as const, events: by.map(counted) }];
        await projections.apply(transaction, await store.append(transaction, appends, appendOptions()));
      }),
    );
  const spoil = () => database.sql.query('UPDATE total SET sum = -1');
  const live = async () => (await database.sql.query('SELECT stream, sum FROM total ORDER BY stream')).rows;
  const foldEvents = `
    SELECT stream, sum((data ->> 'by')::bigint)::bigint AS sum FROM event WHERE type = 'Counted'
    GROUP BY stream ORDER BY stream`;
  const folded = async () => (await database.sql.query(foldEvents)).rows;
  const ended = (rebuilds: Rebuilds) => within(20_000)(async () => (await rebuilds.progress()).length === 0);
  const indexes = async () =>
    (
      await database.sql.query(
        `SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'total' ORDER BY indexname`,
      )
    ).rows;

  it('E29 ends with what a fold of all events gives, under the names of the tables and indexes', async () => {
    const before = await indexes();
    for (const count of [1, 2, 3]) await append(newStream(), ...Array.from({ length: count }, () => count));
    await spoil();
    const rebuilds = process();
    await rebuilds.begin('total');
    await ended(rebuilds);

    expect(await live()).toEqual(await folded());
    expect(await indexes()).toEqual(before);
    expect(before).toHaveLength(2);
    const { rows } = await database.sql.query(`SELECT FROM pg_namespace WHERE nspname LIKE 'rebuild%'`);
    expect(rows).toEqual([]);
    await expect(append(newStream(), 2_000_000)).rejects.toMatchObject({ code: '23514' });
  });

  it('begins as soon as the transaction of its caller has committed', async () => {
    const after: Clock['after'] = (ms, run) => (ms > 100 ? () => undefined : systemClock.after(ms, run)); // rare looks stay out
    let caller = database.sql;
    const callersDatabase: SqlDatabase = {
      query: (text, values) => caller.query(text, values),
      transaction: (work) => caller.transaction(work),
    };
    const rebuilds = process(true, silentLogger, { clock: { ...systemClock, after }, callersDatabase });
    await pause(systemClock, 500);
    await database.sql.transaction(async (transaction) => {
      caller = { query: (...asked) => transaction.query(...asked), transaction: (work) => work(transaction) };
      await rebuilds.begin('total');
      await pause(systemClock, 200); // long enough for a look, which finds nothing
    });
    await ended(process(false));
  });

  it('E29 loses and repeats nothing while others append, and makes none of them fail', async () => {
    const streams = Array.from({ length: 8 }, () => newStream());
    for (const stream of streams) await append(stream, ...Array.from({ length: 600 }, () => 1));
    await spoil();
    let stopped = false;
    const writers = streams.map(async (stream) => {
      for (let number = 0; !stopped; number++) await append(stream, number % 3);
    });
    const first = process();
    process();
    await first.begin('total');
    await ended(first);
    stopped = true;
    await Promise.all(writers);
    for (const stream of streams) await append(stream, 1);

    expect(await live()).toEqual(await folded());
  });

  it('E30 stands still while it is paused, also in other processes, and shows how far it is', async () => {
    const stream = newStream();
    await append(stream, 1, 2, 3);
    const operator = process(false);
    await operator.begin('total');
    await operator.pause('total');
    const worker = process();
    const paused = await operator.progress();
    expect(paused).toMatchObject([
      { projection: 'total', version: 1, position: 0n, last: 3n, lagEvents: 3n, paused: true, rate: 0 },
    ]);
    expect(paused[0]?.lagMs).toBeGreaterThan(0);
    expect(paused[0]).not.toHaveProperty('remainingMs');
    await within(5_000)(async () => {
      const { rows } = await database.sql.query(
        `SELECT FROM pg_stat_activity WHERE query LIKE '%checkpoint%'`,
      );
      return rows.length > 0;
    });
    expect((await operator.progress())[0]?.position).toBe(0n);

    await operator.resume('total');
    await ended(worker);
    expect(await live()).toEqual(await folded());
  });

  it('E30 can be cancelled, which leaves the live tables as they are', async () => {
    await append(newStream(), 5);
    await spoil();
    const rebuilds = process(false);
    await rebuilds.begin('total');
    await rebuilds.cancel('total');
    process();

    expect(await rebuilds.progress()).toEqual([]);
    expect((await live()).map(({ sum }) => sum)).toEqual(['-1']);
    await rebuilds.begin('total');
    await ended(rebuilds);
    expect((await live()).map(({ sum }) => sum)).toEqual(['5']);
  });

  it('is left alone by an operator who has seen it before another paused and resumed it', async () => {
    const rebuilds = process(false);
    await rebuilds.begin('total');
    const [seen] = await rebuilds.progress();
    await rebuilds.pause('total', seen?.revision);
    await rebuilds.resume('total');

    for (const act of ['pause', 'resume', 'cancel'] as const) {
      await expect(rebuilds[act]('total', seen?.revision)).rejects.toMatchObject({ code: 'rebuild_moved' });
      await expect(rebuilds[act]('total', 0n)).rejects.toMatchObject({ code: 'rebuild_moved' });
    }
    const [now] = await rebuilds.progress();
    expect(now).toMatchObject({ paused: false });
    await rebuilds.cancel('total', now?.revision);
    expect(await rebuilds.progress()).toEqual([]);
  });

  it('keeps the settings of a table', async () => {
    await database.sql.query('ALTER TABLE total SET (fillfactor = 70, autovacuum_enabled = false)');
    const rebuilds = process();
    await rebuilds.begin('total');
    await ended(rebuilds);
    const { rows } = await database.sql.query(
      `SELECT reloptions FROM pg_class WHERE oid = 'total'::regclass`,
    );
    expect(rows).toEqual([{ reloptions: ['fillfactor=70', 'autovacuum_enabled=false'] }]);
  });

  it.each(['ALTER TABLE total ADD COLUMN note text', 'CREATE INDEX smallest_totals ON total (sum)'])(
    'keeps a table that a migration has changed since, until it is begun again: %s',
    async (migration) => {
      await append(newStream(), 5);
      const operator = process(false);
      await operator.begin('total');
      await operator.pause('total');
      await database.sql.query(migration);
      await operator.resume('total');
      const warnings: object[] = [];
      const warn = (fields: object) => void warnings.push(fields);
      const worker = process(true, { ...silentLogger, warn });
      await within(10_000)(() => Promise.resolve(warnings.length > 0));

      expect(warnings[0]).toMatchObject({ err: { code: 'rebuild_not_possible' } });
      await operator.cancel('total');
      await operator.begin('total');
      await ended(worker);
      expect(await live()).toEqual(await folded());
      await expect(database.sql.query(migration)).rejects.toThrow(/already exists/);
    },
  );

  it.each([
    'ALTER TABLE total ADD FOREIGN KEY (stream) REFERENCES stream (id)',
    `CREATE TRIGGER noted BEFORE UPDATE ON total FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
    'ALTER TABLE total ENABLE ROW LEVEL SECURITY',
  ])('is refused for a table whose copy would lack a part: %s', async (part) => {
    await database.sql.query(part);
    const rebuilds = process(false);
    await expect(rebuilds.begin('total')).rejects.toMatchObject({
      code: 'rebuild_not_possible',
      message: expect.stringContaining('its copy would lack'),
    });
    expect(await rebuilds.progress()).toEqual([]);
  });

  it.each([
    'ALTER TABLE total ADD COLUMN number bigserial',
    'ALTER TABLE total ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY',
    `CREATE SEQUENCE numbers; ALTER TABLE total ADD COLUMN number bigint NOT NULL DEFAULT nextval('numbers')`,
  ])('swaps a table that numbers its rows, again and again: %s', async (numbering) => {
    await database.sql.query(numbering);
    await append(newStream(), 5);
    const rebuilds = process();
    for (let time = 0; time < 2; time++) {
      await spoil();
      await rebuilds.begin('total');
      await ended(rebuilds);
      expect(await live()).toEqual(await folded());
    }
    await append(newStream(), 7);
    const { rows } = await database.sql.query('SELECT DISTINCT number FROM total');
    expect(rows).toHaveLength(2);
    await database.sql.query('ALTER TABLE total DROP COLUMN number; DROP SEQUENCE IF EXISTS numbers');
    const { rows: left } = await database.sql.query(
      `SELECT relname FROM pg_class WHERE relkind = 'S' AND relname ~ 'number'`,
    );
    expect(left).toEqual([]);
  });

  it('E29 waits for a reader that keeps the old table open', async () => {
    await append(newStream(), 5);
    const rebuilds = process();
    const reading = database.sql.transaction(async (transaction) => {
      await transaction.query('SELECT FROM total');
      await rebuilds.begin('total');
      await within(10_000)(async () => {
        const { rows } = await database.sql.query(
          `SELECT FROM pg_stat_activity WHERE query LIKE 'LOCK TABLE%total%' AND wait_event_type = 'Lock'`,
        );
        return rows.length > 0;
      });
      return (await transaction.query('SELECT sum FROM total')).rows;
    });

    expect(await reading).toEqual([{ sum: '5' }]);
    await ended(rebuilds);
  });

  it('is refused for an unknown projection, twice, and for one that is not being rebuilt', async () => {
    const rebuilds = process(false);
    await expect(rebuilds.begin('other')).rejects.toMatchObject({ code: 'rebuild_not_possible' });
    await expect(rebuilds.pause('total')).rejects.toMatchObject({ code: 'rebuild_unknown' });
    await expect(rebuilds.cancel('total')).rejects.toMatchObject({ code: 'rebuild_unknown' });
    await rebuilds.begin('total');
    await expect(rebuilds.begin('total')).rejects.toMatchObject({ code: 'rebuild_running' });
  });
});
