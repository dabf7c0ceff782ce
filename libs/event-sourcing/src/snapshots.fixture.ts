import { systemClock, type Clock, type Logger } from '@millrace/streaming-core/runtime';
import type { SqlDatabase, SqlTransaction } from '@millrace/streaming-core/postgres';
import type { TestDatabase } from '@millrace/testing/postgres';
import { counterOfRelease, type CounterEvent } from './counter.fixture.ts';
import type { Folding } from './folding.ts';
import { appendOptions, newStream } from './postgres/event-database.fixture.ts';
import { postgresEventStore } from './postgres/postgres-event-store.ts';
import { snapshotWork } from './snapshot-taker.ts';
import { loadState } from './state.ts';

export interface TestProcessOptions {
  /** The release that runs: the version of the schema of its snapshots. */
  readonly release?: number;
  readonly everyEvents?: number;
  readonly now?: () => number;
  readonly decider?: Folding<CounterEvent, { total: number }>;
}

/** A process that has just been started: it keeps nothing, and takes its snapshots when the test says so. */
export function startTestProcess(
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
    /** Loads, and tells the statements and the rows that they gave. */
    async load(stream: string, transaction: SqlTransaction = database.sql) {
      const statements: string[] = [];
      let rows = 0;
      const counting: SqlTransaction = {
        async query(text, values) {
          statements.push(text);
          const result = await transaction.query(text, values);
          rows += result.rowCount;
          return result as never;
        },
      };
      return { ...(await loadState(counting, store, counter, stream)), statements, rows };
    },
    async takeSnapshots(through: SqlDatabase = database.sql) {
      const work = snapshotWork({ database: through, due: store.snapshots.due, clock, logger });
      while ((await work()) !== 'nothing');
    },
  };
}

export const counted = (by: number): CounterEvent => ({ type: 'Counted', by });

/** Appends events that count 1, 2, 3, ... up to the version. */
export async function growTo(
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

/** What `growTo` comes to. */
export const totalAt = (version: number): number => (version * (version + 1)) / 2;

export interface StoredSnapshot {
  readonly schema_hash: string;
  readonly version: number;
  readonly state: unknown;
}

export async function snapshotsOf({ sql }: TestDatabase, stream: string): Promise<readonly StoredSnapshot[]> {
  const { rows } = await sql.query<StoredSnapshot & { readonly [column: string]: unknown }>(
    'SELECT schema_hash, version::integer, state FROM stream_snapshot WHERE stream = $1 ORDER BY version',
    [stream],
  );
  return rows;
}
