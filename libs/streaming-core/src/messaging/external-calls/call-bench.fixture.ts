import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { migrate, streamingCoreMigrations } from '../../postgres/index.ts';
import { CLAIM_CALLS } from './external-calls.sql.ts';
import { requestExternalCall } from './request.ts';
import { until } from './waiting.fixture.ts';
import type { ExternalCallWorkerOptions } from './worker-options.ts';
import { createExternalCallWorker, type ExternalCallWorker } from './worker.ts';

export type Payload = { amount: number };
type Settings = Partial<ExternalCallWorkerOptions<Payload, string>>;

export const metadata = { correlationId: 'story', causationId: 'command' };
export const newKind = () => `card-${randomUUID()}`;

/**
 * A database with the tables of external calls, the workers of a test, and queries for their
 * results.
 */
export function callBench() {
  const workers: ExternalCallWorker[] = [];
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
    await database.sql.query('CREATE TABLE result (kind text, key text, result text)');
    await database.sql.query('CREATE TABLE provider (key text PRIMARY KEY, requests int NOT NULL)');
  });
  afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.stop())));
  afterAll(() => database.drop());

  const ask = (kind: string, key: string, amount = 1) =>
    database.sql.transaction((transaction) =>
      requestExternalCall(transaction, { kind, key, payload: { amount }, metadata }),
    );
  const startWorker = (kind: string, settings: Settings = {}) => {
    const worker = createExternalCallWorker<Payload, string>({
      database: database.sql,
      kind,
      clock: systemClock,
      logger: silentLogger,
      call: (request) => Promise.resolve(`charged ${request.key}`),
      complete: async (transaction, { key }, result) =>
        void (await transaction.query('INSERT INTO result VALUES ($1, $2, $3)', [kind, key, result])),
      retryDelayMsMin: 5,
      retryDelayMsMax: 20,
      ...settings,
    });
    workers.push(worker);
    worker.start();
    return worker;
  };
  const resultsOf = async (kind: string) =>
    (
      await database.sql.query<{ result: string }>('SELECT result FROM result WHERE kind = $1 ORDER BY key', [
        kind,
      ])
    ).rows.map((row) => row.result);
  const pendingOf = async (kind: string) =>
    (await database.sql.query('SELECT 1 FROM external_call WHERE kind = $1', [kind])).rowCount;
  const finished = (kind: string) => until(async () => (await pendingOf(kind)) === 0);
  /** Claims the calls of a kind like a worker that is killed before it completes them. */
  const claimAndDie = (kind: string, leaseMs: number) => database.sql.query(CLAIM_CALLS, [kind, leaseMs, 10]);

  return {
    ask,
    startWorker,
    resultsOf,
    pendingOf,
    finished,
    claimAndDie,
    /** Available once the suite has begun. */
    get database() {
      return database;
    },
  };
}
