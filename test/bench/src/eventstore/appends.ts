import { randomUUID } from 'node:crypto';
import { postgresEventStore } from '@millrace/event-sourcing';
import { pgDatabase, type SqlDatabase } from '@millrace/streaming-core/postgres';
import type { TestDatabase } from '@millrace/testing/postgres';
import { Pool } from 'pg';
import { v7 } from 'uuid';
import { median } from '../numbers.ts';
import { event, ways, type AppendRates, type AppendToNew, type Load, type Way } from './append-load.ts';
import { emmettAppend } from './emmett.ts';
import { pgbenchAppends } from './pgbench.ts';

export interface AppendsOptions {
  readonly seconds: number;
  readonly rounds: number;
  /** The folder where Emmett's packages are installed, or undefined to leave it out. */
  readonly emmettFolder?: string;
  /** The program, or undefined to leave it out. */
  readonly pgbench?: string;
}

const writers = [1, 16, 64];
const eventCounts = [1, 10];
/** Enough for every connection to have prepared its statements, and for V8 to have compiled them. */
const warmUpSeconds = 1;

type Measure = (load: Load) => Promise<number>;

/**
 * Measures appends to new streams, every way in turn for each number of writers, so that a busy
 * machine slows all of them.
 */
export async function measureAppends(
  database: TestDatabase,
  options: AppendsOptions,
  say: (line: string) => void,
): Promise<readonly AppendRates[]> {
  const pool = new Pool({ connectionString: database.url, max: 64, pipeline: true, options: asServicesDo });
  const { emmettFolder } = options;
  const emmett = emmettFolder === undefined ? undefined : await emmettAppend(emmettFolder, database.url);
  const measures = measuresOf(database, pgDatabase(pool), emmett?.append, options);
  try {
    await measures.own({ events: 1, count: 64, seconds: warmUpSeconds });
    const rates: AppendRates[] = [];
    for (const events of eventCounts)
      for (const count of writers) {
        const perSecond = await inTurns(
          measures,
          { events, count, seconds: options.seconds },
          options.rounds,
        );
        rates.push({ events, count, perSecond });
        say(`appends/s of ${events} event(s), ${count} writer(s): ${JSON.stringify(perSecond)}`);
      }
    return rates;
  } finally {
    await emmett?.close();
    await pool.end();
  }
}

/** The session options of a service that concern appends. */
const asServicesDo = '-c plan_cache_mode=force_generic_plan';

function measuresOf(
  { url }: TestDatabase,
  sql: SqlDatabase,
  emmett: AppendToNew | undefined,
  { pgbench }: AppendsOptions,
): Partial<Record<Way, Measure>> & { readonly own: Measure } {
  return {
    own: (load) => perSecond(ownAppend(sql), load),
    ...(emmett && { Emmett: (load) => perSecond(emmett, load) }),
    ...(pgbench !== undefined && { pgbench: (load) => pgbenchAppends(pgbench, url, load) }),
  };
}

async function inTurns(
  measures: Partial<Record<Way, Measure>>,
  load: Load,
  rounds: number,
): Promise<AppendRates['perSecond']> {
  const found = new Map<Way, number[]>();
  for (let round = 0; round < rounds; round++)
    for (const way of ways) {
      const rate = await measures[way]?.(load);
      if (rate !== undefined) found.set(way, [...(found.get(way) ?? []), rate]);
    }
  return Object.fromEntries([...found].map(([way, rates]) => [way, Math.round(median(rates))]));
}

/** One append after the other for each writer. */
async function perSecond(append: AppendToNew, { events, count, seconds }: Load): Promise<number> {
  const until = performance.now() + seconds * 1_000;
  let appends = 0;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: count }, async () => {
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
  newId: v7,
  now: new Date(),
});

const ownAppend =
  (sql: SqlDatabase): AppendToNew =>
  (events) => {
    const append = { stream: v7(), expected: 'none', events: Array.from({ length: events }, event) } as const;
    return sql.transaction((transaction) =>
      transaction.lastUnitOfWork(() => store.append(transaction, [append], options())),
    );
  };
