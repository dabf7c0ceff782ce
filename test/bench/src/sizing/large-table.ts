import { eventSourcingMigrations, loadState, postgresEventStore } from '@millrace/event-sourcing';
import { migrate, type SqlDatabase } from '@millrace/streaming-core/postgres';
import { createTestDatabase, startPostgresServer } from '@millrace/testing/postgres';
import { v7 } from 'uuid';
import { percentile } from '../numbers.ts';
import { shelf, type Taken } from '../eventstore/shelf.ts';

/**
 * An event table of one size: its bytes per event, and the milliseconds of a service's typical
 * requests (the median and the 99th percentile).
 */
export interface TableSample {
  readonly events: number;
  readonly heapBytes: number;
  readonly indexBytes: Readonly<Record<string, number>>;
  readonly appendMs: readonly [number, number];
  readonly loadMs: readonly [number, number];
  readonly followMs: readonly [number, number];
}

const steps = 4;
const samples = 300;
const eventsPerStream = 4;
const pageEvents = 500;
/**
 * The number of rows per statement. A slow disk has to finish it within the server's
 * `transaction_timeout`.
 */
const insertedAtOnce = 100_000;

/** Fills a separate table in four steps and measures it after each of them. */
export async function sampleLargeTable(
  thousandEvents: number,
  say: (line: string) => void,
): Promise<readonly TableSample[]> {
  const server = await startPostgresServer({ fsync: true });
  try {
    const database = await createTestDatabase(server.url);
    try {
      await migrate(database.sql, [{ library: 'event-sourcing', folder: eventSourcingMigrations }]);
      const found: TableSample[] = [];
      for (let step = 1; step <= steps; step++) {
        const startedAt = performance.now();
        await fill(database.sql, Math.round((thousandEvents * 1_000) / steps));
        say(`filled in ${Math.round((performance.now() - startedAt) / 1_000)} s`);
        found.push(await takeSample(database.sql));
      }
      return found;
    } finally {
      await database.drop();
    }
  } finally {
    await server.stop();
  }
}

/**
 * Writes streams of four events the size of an order's events. The ids are ordered by time, as the
 * services create them (UUID version 7).
 */
async function fill(database: SqlDatabase, events: number): Promise<void> {
  for (let filled = 0; filled < events; filled += insertedAtOnce)
    await insert(database, Math.min(insertedAtOnce, events - filled));
  await database.query('VACUUM ANALYZE event');
  await database.query('CHECKPOINT');
}

const insert = (database: SqlDatabase, events: number) =>
  database.query(
    `WITH made AS MATERIALIZED (
       SELECT 'order-' || uuidv7() AS stream FROM generate_series(1, $1::integer / $2::integer)
     ), streams AS (
       INSERT INTO stream (id, version) SELECT stream, $2 FROM made
     )
     INSERT INTO event (position, id, stream, version, type, data, metadata, recorded_at)
     SELECT nextval('event_position'), uuidv7(), stream, version, 'Taken',
            jsonb_build_object('orderId', substr(stream, 7), 'quantity', 1, 'note', repeat('x', 120)),
            jsonb_build_object('correlationId', uuidv7(), 'causationId', uuidv7(), 'traceparent', repeat('0', 55)), now()
     FROM made CROSS JOIN generate_series(1, $2::integer) AS version`,
    [events, eventsPerStream],
  );

async function takeSample(database: SqlDatabase): Promise<TableSample> {
  const store = postgresEventStore();
  const { rows: some } = await database.query<{ stream: string; position: string }>(
    `SELECT stream, position FROM event
     WHERE position IN (SELECT (random() * (SELECT max(position) FROM event))::bigint FROM generate_series(1, $1::integer))
     LIMIT $2`,
    [samples * 2, samples],
  );
  const loadMs = await timed(some, ({ stream }) => loadState(database, store, shelf, stream));
  const followMs = await timed(some.slice(0, samples / 3), ({ position }) =>
    database.query('SELECT * FROM event WHERE position > $1::bigint ORDER BY position LIMIT $2', [
      position,
      pageEvents,
    ]),
  );
  const appendMs = await timed(some, () =>
    database.transaction((transaction) => {
      const event: Taken = { type: 'Taken', orderId: v7(), quantity: 1 };
      return store.append(transaction, [{ stream: `order-${v7()}`, expected: 'none', events: [event] }], {
        metadata: { correlationId: v7(), causationId: v7() },
        newId: v7,
        now: new Date(),
      });
    }),
  );
  return { ...(await sizes(database)), appendMs, loadMs, followMs };
}

async function sizes(
  database: SqlDatabase,
): Promise<Pick<TableSample, 'events' | 'heapBytes' | 'indexBytes'>> {
  const { rows } = await database.query<{ events: number; heap: number }>(
    `SELECT count(*)::integer AS events, pg_table_size('event')::float8 AS heap FROM event`,
  );
  const { rows: indexes } = await database.query<{ name: string; bytes: number }>(
    `SELECT indexrelname AS name, pg_relation_size(indexrelid)::float8 AS bytes FROM pg_stat_user_indexes WHERE relname = 'event'`,
  );
  return {
    events: rows[0]?.events ?? 0,
    heapBytes: rows[0]?.heap ?? 0,
    indexBytes: Object.fromEntries(indexes.map(({ name, bytes }) => [name, bytes])),
  };
}

async function timed<Item>(
  items: readonly Item[],
  ask: (item: Item) => Promise<unknown>,
): Promise<readonly [number, number]> {
  const ms: number[] = [];
  for (const item of items) {
    const startedAt = performance.now();
    await ask(item);
    ms.push(performance.now() - startedAt);
  }
  const sorted = ms.toSorted((one, other) => one - other);
  return [percentile(sorted, 0.5), percentile(sorted, 0.99)];
}
