import { randomUUID } from 'node:crypto';
import { postgresEventStore } from '@millrace/event-sourcing';
import { pgDatabase, type SqlDatabase } from '@millrace/streaming-core/postgres';
import type { TestDatabase } from '@millrace/testing/postgres';
import { Pool } from 'pg';
import { v7 } from 'uuid';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { median } from '../numbers.ts';
import type { EventstoreBenchOptions } from './options.ts';
import { event, ways, type AppendRates, type AppendToNew, type Load, type Way } from './append-load.ts';

type AppendsOptions = Pick<EventstoreBenchOptions, 'seconds' | 'rounds' | 'emmett' | 'pgbench'>;

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
  const emmett = options.emmett === '' ? undefined : await emmettAppend(options.emmett, database.url);
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
    ...(pgbench !== '' && { pgbench: (load) => pgbenchAppends(pgbench, url, load) }),
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

/** The part of Emmett's PostgreSQL store that is measured. */
interface EmmettStore {
  appendToStream(
    stream: string,
    events: readonly { readonly type: string; readonly data: unknown }[],
    options: { readonly expectedStreamVersion: 'STREAM_DOES_NOT_EXIST' },
  ): Promise<unknown>;
  close(): Promise<void>;
  readonly schema: { migrate(): Promise<unknown> };
}

/**
 * Opens Emmett's event store from a folder where `npm install @event-driven-io/emmett-postgresql`
 * has run. It is no dependency of this workspace.
 */
async function emmettAppend(
  folder: string,
  url: string,
): Promise<{ readonly append: AppendToNew; readonly close: () => Promise<void> }> {
  const entry = createRequire(join(folder, 'package.json')).resolve('@event-driven-io/emmett-postgresql');
  const { getPostgreSQLEventStore } = (await import(pathToFileURL(entry).href)) as {
    getPostgreSQLEventStore: (connectionString: string) => EmmettStore;
  };
  const store = getPostgreSQLEventStore(url);
  await store.schema.migrate();
  return {
    append(events) {
      const added = Array.from({ length: events }, () => {
        const { type, ...data } = event();
        return { type, data };
      });
      return store.appendToStream(v7(), added, { expectedStreamVersion: 'STREAM_DOES_NOT_EXIST' });
    },
    close: () => store.close(),
  };
}

/**
 * Returns the appends a second of pgbench with the store's own statement, which is what PostgreSQL
 * can do here for a client that costs next to nothing.
 */
async function pgbenchAppends(program: string, url: string, load: Load): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-pgbench-'));
  try {
    const script = join(folder, 'append.sql');
    await writeFile(script, statement(load.events));
    const { stdout } = await promisify(execFile)(program, [
      '--no-vacuum',
      '--protocol=prepared',
      `--file=${script}`,
      `--client=${load.count}`,
      `--jobs=${Math.min(load.count, 2)}`,
      `--time=${load.seconds}`,
      url,
    ]);
    const [, rate] = /tps = ([\d.]+)/.exec(stdout) ?? [];
    if (rate === undefined) throw new Error(`${program} printed no rate: ${stdout}`);
    return Number(rate);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function statement(events: number): string {
  const { type, ...data } = event();
  const each = (value: string) => `ARRAY[${Array.from({ length: events }, () => value).join(', ')}]`;
  const values = [
    'uuidv7()::text',
    '0',
    each('uuidv7()'),
    each(`'${type}'`),
    each('1'),
    `${each(`'${JSON.stringify(data)}'`)}::jsonb[]`,
    `${each('NULL')}::jsonb[]`,
    `json_build_object('correlationId', gen_random_uuid(), 'causationId', gen_random_uuid())::jsonb`,
    'now()',
  ];
  return `SELECT append_to_stream(${values.join(', ')});\n`;
}
