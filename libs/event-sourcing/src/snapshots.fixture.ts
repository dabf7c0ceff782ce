import { afterAll, beforeAll } from '@jest/globals';
import { systemClock, type Clock, type Logger } from '@millrace/streaming-core/runtime';
import { type SqlDatabase, SqlTransaction, type Queryable } from '@millrace/streaming-core/postgres';
import type { TestDatabase } from '@millrace/testing/postgres';
import { counterOfRelease, type CounterEvent } from './counter.fixture.ts';
import type { Folding } from './decider.ts';
import { appendOptions, newStream, openEventDatabase } from './postgres/event-database.fixture.ts';
import { postgresEventStore } from './postgres/postgres-event-store.ts';
import { snapshotWork } from './snapshots.ts';
import { loadState } from './state.ts';

export interface TestProcessOptions {
  /** The release that the process runs, which is the version of its snapshots' schema. */
  readonly release?: number;
  readonly everyEvents?: number;
  readonly now?: () => number;
  readonly decider?: Folding<CounterEvent, { total: number }>;
}

/** A database for the tests of one file, with the processes that load and snapshot its streams. */
export function snapshotTests() {
  let database: TestDatabase;

  beforeAll(async () => void (database = await openEventDatabase()));
  afterAll(() => database.drop());

  const start = (options?: TestProcessOptions) => startTestProcess(database, options);
  return {
    database: () => database,
    start,
    growTo: (version: number, stream?: string) => growTo(database, version, stream),
    snapshotsOf: (stream: string) => snapshotsOf(database, stream),
    /** Loads the stream in a new process and takes the snapshot that this load finds due. */
    async takeSnapshot(stream: string, options?: TestProcessOptions): Promise<void> {
      const process = start(options);
      await process.load(stream);
      await process.takeSnapshots();
    },
  };
}

export const counted = (by: number): CounterEvent => ({ type: 'Counted', by });

/** The total that `growTo` leads to. */
export const totalAt = (version: number): number => (version * (version + 1)) / 2;

/** A new process: it keeps nothing in memory, and takes its snapshots when the test says so. */
function startTestProcess(
  database: TestDatabase,
  { release = 1, everyEvents = 100, now = Date.now, decider }: TestProcessOptions = {},
) {
  const store = postgresEventStore({ snapshots: { everyEvents } });
  const counter = decider ?? counterOfRelease(release);
  const warnings: string[] = [];
  const note = (_: object, message: string) => void warnings.push(message);
  const logger: Logger = { debug: () => undefined, info: () => undefined, warn: note, error: note };
  const clock: Clock = { ...systemClock, now };
  return {
    store,
    counter,
    warnings,
    /**
     * Loads the stream, and returns the statements that it sent and the number of rows they
     * returned.
     */
    async load(stream: string, reader: Queryable = database.sql) {
      const statements: string[] = [];
      let rows = 0;
      const query: Queryable['query'] = async (text, values) => {
        statements.push(text);
        const result = await reader.query(text, values);
        rows += result.rowCount;
        return result as never;
      };
      const counting = reader instanceof SqlTransaction ? reader.withQuery(query) : { query };
      return { ...(await loadState(counting, store, counter, stream)), statements, rows };
    },
    /** Takes every snapshot that is due. */
    async takeSnapshots(through: SqlDatabase = database.sql) {
      const work = snapshotWork({ database: through, due: store.snapshots.due, clock, logger });
      while ((await work()) === 'more');
    },
  };
}

/** Appends events that count 1, 2, 3, ... up to the version. */
async function growTo(
  { sql }: TestDatabase,
  version: number,
  stream = newStream('counter'),
): Promise<string> {
  const store = postgresEventStore();
  const { rows } = await sql.query<{ version: string }>('SELECT version FROM stream WHERE id = $1', [stream]);
  const from = Number(rows[0]?.version ?? 0);
  const events = Array.from({ length: version - from }, (_, index) => counted(from + index + 1));
  await sql.transaction((transaction) =>
    store.append(transaction, [{ stream, expected: 'any', events }], appendOptions()),
  );
  return stream;
}

interface StoredSnapshot {
  readonly schema_hash: string;
  readonly version: number;
  readonly state: unknown;
}

async function snapshotsOf({ sql }: TestDatabase, stream: string): Promise<readonly StoredSnapshot[]> {
  const { rows } = await sql.query<StoredSnapshot & { readonly [column: string]: unknown }>(
    'SELECT schema_hash, version::integer, state FROM stream_snapshot WHERE stream = $1 ORDER BY version',
    [stream],
  );
  return rows;
}
