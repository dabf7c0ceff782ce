import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  eventSourcingMigrations,
  createRebuilds,
  postgresEventStore,
  type RebuildableProjection,
} from '@millrace/event-sourcing';
import {
  migrate,
  streamingCoreMigrations,
  createPrefixReader,
  type PositionedRow,
  type SqlDatabase,
} from '@millrace/streaming-core/postgres';
import { createTestDatabase, startPostgresServer, type TestDatabase } from '@millrace/testing/postgres';
import { silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { startOurs } from '../broker/engines.ts';
import { command, machine, say, today, writePage } from '../report.ts';
import { percentile, round } from '../numbers.ts';
import { measureAppends } from './appends.ts';
import { measureLoads } from './loads.ts';
import { openMessages } from './messages.ts';
import type { EventstoreBenchOptions } from './options.ts';
import { renderPage, type MessageNumbers } from './page.ts';
import type { Taken } from './shelf.ts';

/** Sums up what each stream has taken, with one statement for a batch. */
const sums: RebuildableProjection = {
  name: 'shelf_sum',
  version: 1,
  tables: ['shelf_sum'],
  eventTypes: ['Taken'],
  async apply(transaction, events) {
    await transaction.query(
      `INSERT INTO shelf_sum AS kept (stream, quantity)
       SELECT stream, sum(quantity) FROM unnest($1::text[], $2::bigint[]) AS taken (stream, quantity) GROUP BY stream
       ON CONFLICT (stream) DO UPDATE SET quantity = kept.quantity + excluded.quantity`,
      [events.map(({ stream }) => stream), events.map(({ event }) => (event as Taken).quantity)],
    );
  },
};

/** Rebuilds a read model of all events. Returns the events a second, with the swap. */
async function rebuildRate(database: SqlDatabase, events: number): Promise<number> {
  await database.query('CREATE TABLE shelf_sum (stream text PRIMARY KEY, quantity bigint NOT NULL)');
  const rebuilds = createRebuilds({
    database,
    projections: [sums],
    catalog: postgresEventStore().settings.catalog,
    clock: systemClock,
    logger: silentLogger,
  });
  const startedAt = performance.now();
  await rebuilds.begin(sums.name);
  rebuilds.start();
  while ((await rebuilds.progress()).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const seconds = (performance.now() - startedAt) / 1_000;
  await rebuilds.stop();
  return events / seconds;
}

const batchEvents = 1_000;

/**
 * Reads every event of the store in the order of positions, as whatever follows the store does.
 * Returns the events a second.
 */
async function readerRate(database: SqlDatabase): Promise<number> {
  const reader = createPrefixReader<PositionedRow>({
    database,
    statement: `
      SELECT position, id, stream, version, type, schema_version, data, personal, metadata, recorded_at
      FROM event
      WHERE position > $1::bigint
      ORDER BY position
      LIMIT $2::integer`,
  });
  const startedAt = performance.now();
  let events = 0;
  for (let after = 0n; ;) {
    const rows = await reader.read(after, batchEvents);
    const last = rows.at(-1);
    if (last === undefined) break;
    events += rows.length;
    after = BigInt(last.position);
  }
  return (events / (performance.now() - startedAt)) * 1_000;
}

const workspace = join(import.meta.dirname, '../../../..');

/**
 * Measures the event store, the relay and the way from a commit to a handler on a PostgreSQL and a
 * broker that flush to disk.
 */
export async function runEventstoreBench(options: EventstoreBenchOptions): Promise<void> {
  const load = loadavg()[0] ?? NaN;
  await promisify(execFile)(process.execPath, [join(workspace, 'tools/build/bundle.ts'), 'apps/broker']);
  const server = await startPostgresServer({ fsync: true });
  try {
    const database = await createTestDatabase(server.url);
    try {
      await migrate(database.sql, [
        { library: 'event-sourcing', folder: eventSourcingMigrations },
        { library: 'streaming-core', folder: streamingCoreMigrations },
      ]);
      await conclude(options, load, await measure(database, options));
    } finally {
      await database.drop();
    }
  } finally {
    await server.stop();
  }
}

async function measure(database: TestDatabase, options: EventstoreBenchOptions) {
  const { events } = options;
  say(`${machine('PostgreSQL, our broker and this client')}\na stream with ${events} events`);
  const loads = await measureLoads(database.sql, options);
  for (const [what, ms] of loads) say(`${what}, ms: ${ms}`);
  const reader = await readerRate(database.sql);
  say(`reader, events/s: ${Math.round(reader)}`);
  const rebuild = await rebuildRate(database.sql, events);
  say(`rebuild of a read model, events/s: ${Math.round(rebuild)}`);
  const messages = await measureMessages(database, options);
  const appends = await measureAppends(database, options, say);
  return { loads, reader, rebuild, messages, appends };
}

async function measureMessages(
  database: TestDatabase,
  { messages: count, rate: perSecond, seconds }: EventstoreBenchOptions,
): Promise<MessageNumbers> {
  const broker = await startOurs('commit');
  try {
    const messages = await openMessages(database, `127.0.0.1:${broker.port}`);
    const relayed = await messages.relayRate(count);
    say(`relay, messages/s: ${Math.round(relayed)}`);
    const ms = (await messages.commitToHandlerMs({ perSecond, seconds: 3 * seconds })).toSorted(
      (one, other) => one - other,
    );
    await messages.stop();
    const p50Ms = round(percentile(ms, 0.5));
    const p99Ms = round(percentile(ms, 0.99));
    say(`from commit to handler at ${perSecond}/s, ms: p50 ${p50Ms}, p99 ${p99Ms}`);
    return { relayed, perSecond, p50Ms, p99Ms };
  } finally {
    await broker.stop();
  }
}

async function conclude(
  { events, write }: EventstoreBenchOptions,
  load: number,
  numbers: Awaited<ReturnType<typeof measure>>,
): Promise<void> {
  const text = renderPage(numbers, {
    machine: machine('PostgreSQL, our broker and this client'),
    date: today(),
    load,
    command: command(),
    events,
  });
  say(`\n${text}`);
  if (write) await writePage('eventstore-bench', text);
}
