import {
  createSnapshotTaker,
  eventSourcingMigrations,
  postgresEventStore,
  type PostgresEventStore,
} from '@millrace/event-sourcing';
import { migrate, type SqlDatabase } from '@millrace/streaming-core/postgres';
import { silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { createTestDatabase, startPostgresServer } from '@millrace/testing/postgres';
import { machine } from '../machine.ts';
import { median, percentile, round } from '../numbers.ts';
import type { EventstoreBenchOptions } from './options.ts';
import { measureAppends } from './appends.ts';
import { rebuildRate } from './rebuild.ts';
import { decideOnce, fillStream, lockAndLoadMs, shelf, shelfWithSnapshots } from './shelf.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);
const stream = 'shelf-lamp';
const coldLoads = 20;

/**
 * Loads one long stream as a restarted process does, and decides on it, on a PostgreSQL that
 * flushes to disk.
 */
export async function runEventstoreBench(options: EventstoreBenchOptions): Promise<void> {
  const server = await startPostgresServer({ fsync: true });
  try {
    const database = await createTestDatabase(server.url);
    try {
      await migrate(database.sql, [{ library: 'event-sourcing', folder: eventSourcingMigrations }]);
      await measure(database.sql, options);
      const { events, seconds, emmett: emmettFolder, pgbench } = options;
      say(`rebuild of a read model, events/s: ${Math.round(await rebuildRate(database.sql, events))}`);
      await measureAppends(database, { seconds, emmettFolder, pgbench }, say);
    } finally {
      await database.drop();
    }
  } finally {
    await server.stop();
  }
}

async function measure(database: SqlDatabase, { events, everyEvents, decisions }: EventstoreBenchOptions) {
  say(`${machine('PostgreSQL and this client')}\nfilling a stream with ${events} events`);
  await fillStream(database, stream, events);
  const cold = (decider: typeof shelf, store = postgresEventStore()) =>
    lockAndLoadMs({ database, store, decider }, stream);
  await cold(shelf); // reads the table into memory
  say(`cold load without snapshots: ${round(await cold(shelf))} ms`);

  const taking = takerOf(database, everyEvents);
  say(`first load, taking them:     ${round(await cold(shelfWithSnapshots, taking.store))} ms`);
  await taking.end();
  say(`taking one (${taking.ms.length}), ms:      ${spread(taking.ms)}`);

  for (const behind of [0, Math.floor(everyEvents / 2), everyEvents - 1]) {
    await moveSnapshot(database, events - behind);
    const ms: number[] = [];
    for (let load = 0; load < coldLoads; load++) ms.push(await cold(shelfWithSnapshots));
    say(`cold load, ${String(behind).padStart(5)} events after the snapshot, ms: ${spread(ms)}`);
  }
  await measureDecisions(database, everyEvents, decisions);
}

/** Takes decisions without and with snapshots in turns, so that a busy machine slows both. */
async function measureDecisions(
  database: SqlDatabase,
  everyEvents: number,
  decisions: number,
): Promise<void> {
  const without = { database, store: postgresEventStore(), decider: shelf };
  const taking = takerOf(database, everyEvents);
  const withThem = { database, store: taking.store, decider: shelfWithSnapshots };
  const ms = { without: [] as number[], with: [] as number[] };
  await lockAndLoadMs(without, stream);
  await lockAndLoadMs(withThem, stream);
  for (let decision = 0; decision < decisions; decision++)
    for (const [name, shelves] of [
      ['without', without],
      ['with', withThem],
    ] as const) {
      const startedAt = performance.now();
      await decideOnce(shelves, stream);
      ms[name].push(performance.now() - startedAt);
    }
  await taking.end();
  say(`a decision without snapshots, ms: ${spread(ms.without)}`);
  say(`a decision with them, ms:         ${spread(ms.with)}`);
}

/** A store that takes snapshots, and how long each of them took. */
function takerOf(database: SqlDatabase, everyEvents: number) {
  const store: PostgresEventStore = postgresEventStore({ snapshots: { everyEvents } });
  const ms: number[] = [];
  const timed: SqlDatabase = {
    ...database,
    async query(text, values) {
      const startedAt = performance.now();
      const result = await database.query(text, values);
      ms.push(performance.now() - startedAt);
      return result as never;
    },
  };
  const taker = createSnapshotTaker({
    database: timed,
    due: store.snapshots.due,
    clock: systemClock,
    logger: silentLogger,
  });
  taker.start();
  return { store, ms, end: () => taker.stop() };
}

/**
 * Moves the snapshot back, so that a load has to read more events after it. Its state then belongs
 * to no event, which no measurement looks at.
 */
const moveSnapshot = (database: SqlDatabase, version: number) =>
  database.query(
    `UPDATE stream_snapshot SET version = $2, last_event = (SELECT id FROM event WHERE stream = $1 AND version = $2)
     WHERE stream = $1`,
    [stream, version],
  );

function spread(values: readonly number[]): string {
  const sorted = values.toSorted((one, other) => one - other);
  return `median ${round(median(sorted))}, p99 ${round(percentile(sorted, 0.99))}, most ${round(sorted.at(-1) ?? NaN)}`;
}
