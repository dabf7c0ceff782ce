import { createSnapshotTaker, postgresEventStore, type PostgresEventStore } from '@millrace/event-sourcing';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { median, percentile, round } from '../numbers.ts';
import type { EventstoreBenchOptions } from './options.ts';
import { decideOnce, fillStream, lockAndLoadMs, shelf, shelfWithSnapshots } from './shelf.ts';

const stream = 'shelf-lamp';
const coldLoads = 20;

/** What was measured, and how long it took. */
export type TimedRow = readonly [what: string, ms: string];

/**
 * Loads one long stream as a restarted process does, and decides on it, with and without snapshots.
 */
export async function measureLoads(
  database: SqlDatabase,
  { events, every: everyEvents, decisions }: EventstoreBenchOptions,
): Promise<readonly TimedRow[]> {
  await fillStream(database, stream, events);
  const cold = (decider: typeof shelf, store = postgresEventStore()) =>
    lockAndLoadMs({ database, store, decider }, stream);
  await cold(shelf); // reads the table into memory
  const rows: TimedRow[] = [['cold load without a snapshot', String(round(await cold(shelf)))]];

  const taking = takerOf(database, everyEvents);
  rows.push(['first load, which takes them', String(round(await cold(shelfWithSnapshots, taking.store)))]);
  await taking.end();
  rows.push([`taking one (${taking.ms.length})`, spread(taking.ms)]);

  for (const behind of [0, Math.floor(everyEvents / 2), everyEvents - 1]) {
    await moveSnapshot(database, events - behind);
    const ms: number[] = [];
    for (let load = 0; load < coldLoads; load++) ms.push(await cold(shelfWithSnapshots));
    rows.push([`cold load, ${behind} events after the snapshot`, spread(ms)]);
  }
  return [...rows, ...(await measureDecisions(database, everyEvents, decisions))];
}

/** Takes decisions without and with snapshots in turns, so that a busy machine slows both. */
async function measureDecisions(
  database: SqlDatabase,
  everyEvents: number,
  decisions: number,
): Promise<readonly TimedRow[]> {
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
  return [
    ['a decision without snapshots', spread(ms.without)],
    ['a decision with them', spread(ms.with)],
  ];
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
