import { createRebuilds, postgresEventStore, type RebuildableProjection } from '@millrace/event-sourcing';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { silentLogger, systemClock } from '@millrace/streaming-core/runtime';
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
export async function rebuildRate(database: SqlDatabase, events: number): Promise<number> {
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
