import { randomUUID } from 'node:crypto';
import { coalescedAppends, postgresEventStore } from '@millrace/event-sourcing';
import { pgDatabase } from '@millrace/streaming-core/postgres';
import type { TestDatabase } from '@millrace/testing/postgres';
import { Pool } from 'pg';
import { event, type AppendToNew, type Load } from './append-load.ts';
import { emmettAppend } from './emmett.ts';
import { pgbenchAppends } from './pgbench.ts';

export interface AppendsOptions {
  readonly seconds: number;
  /** The folder where Emmett's packages are installed, or undefined to leave it out. */
  readonly emmettFolder?: string;
  /** The program, or undefined to leave it out. */
  readonly pgbench?: string;
}

const writers = [1, 16, 64];
const eventCounts = [1, 10];

/**
 * Measures appends to new streams, every way in turn for each number of writers, so that a busy
 * machine slows all of them.
 */
export async function measureAppends(
  database: TestDatabase,
  { seconds, emmettFolder, pgbench }: AppendsOptions,
  say: (line: string) => void,
): Promise<void> {
  const pool = new Pool({ connectionString: database.url, max: 64, pipeline: true });
  const emmett = emmettFolder === undefined ? undefined : await emmettAppend(emmettFolder, database.url);
  try {
    for (const events of eventCounts)
      for (const count of writers) {
        const rates = {
          own: await perSecond(ownAppend(pool), { events, count, seconds }),
          coalesced: await perSecond(coalescedAppend(pool), { events, count, seconds }),
          ...(emmett && { Emmett: await perSecond(() => emmett.append, { events, count, seconds }) }),
          ...(pgbench !== undefined && {
            pgbench: await pgbenchAppends(pgbench, database.url, { events, count, seconds }),
          }),
        };
        const row = Object.entries(rates).map(([name, rate]) => `${name} ${Math.round(rate)}`);
        say(`appends/s of ${events} event(s), ${count} writer(s): ${row.join(', ')}`);
      }
  } finally {
    await emmett?.close();
    await pool.end();
  }
}

/** One append after the other for each writer. Each gets its own way to append. */
async function perSecond(appendOf: () => AppendToNew, { events, count, seconds }: Load): Promise<number> {
  const until = performance.now() + seconds * 1_000;
  let appends = 0;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: count }, async () => {
      const append = appendOf();
      while (performance.now() < until) {
        await append(events);
        appends += 1;
      }
    }),
  );
  return (appends / (performance.now() - startedAt)) * 1_000;
}

const store = postgresEventStore();

const options = () => ({
  metadata: { correlationId: randomUUID(), causationId: randomUUID() },
  newId: randomUUID,
  now: new Date(),
});

const appendWith =
  (append: ReturnType<typeof coalescedAppends>): AppendToNew =>
  (events) =>
    append(
      { stream: randomUUID(), expected: 'none', events: Array.from({ length: events }, event) },
      options(),
    );

/** Nobody shares a statement with a writer that has a queue of its own. */
const ownAppend = (pool: Pool) => () => appendWith(coalescedAppends(pgDatabase(pool), store));

function coalescedAppend(pool: Pool): () => AppendToNew {
  const append = appendWith(coalescedAppends(pgDatabase(pool), store));
  return () => append;
}
