import { once } from 'node:events';
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { migrate, streamingCoreMigrations, type SqlDatabase } from '../../postgres/index.ts';
import { CLAIM_CALLS } from './external-calls.sql.ts';
import { requestExternalCall } from './request.ts';
import { deferred, until } from './waiting.fixture.ts';
import type { ExternalCallRequest, ExternalCallWorkerOptions } from './worker-options.ts';
import { createExternalCallWorker, type ExternalCallWorker } from './worker.ts';

type Payload = { amount: number };
type Settings = Partial<ExternalCallWorkerOptions<Payload, string>>;

const metadata = { correlationId: 'story', causationId: 'command' };
const newKind = () => `card-${randomUUID()}`;

describe('external calls', () => {
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
  /** What a worker leaves behind that was killed between its claim and its completion. */
  const claimAndDie = (kind: string, leaseMs: number) => database.sql.query(CLAIM_CALLS, [kind, leaseMs, 10]);

  it('are made after the commit with their key and payload, and forgotten with their result', async () => {
    const kind = newKind();
    const seen: ExternalCallRequest<Payload>[] = [];
    startWorker(kind, { call: (request) => (seen.push(request), Promise.resolve('charged')) });
    await ask(kind, 'saga-1:pay', 12);
    await finished(kind);

    expect(seen).toEqual([
      {
        kind,
        key: 'saga-1:pay',
        payload: { amount: 12 },
        metadata,
        attempt: 1,
        requestedAt: expect.any(Date),
      },
    ]);
    expect(await resultsOf(kind)).toEqual(['charged']);
  });

  it('are not made when the transaction that wanted them rolls back', async () => {
    const kind = newKind();
    await expect(
      database.sql.transaction(async (transaction) => {
        await requestExternalCall(transaction, { kind, key: 'k', payload: {}, metadata });
        throw new Error('no');
      }),
    ).rejects.toThrow('no');

    expect(await pendingOf(kind)).toBe(0);
  });

  it('are made once however often they are asked for while pending', async () => {
    const kind = newKind();
    await Promise.all([1, 2, 3].map((amount) => ask(kind, 'once', amount)));
    expect(await pendingOf(kind)).toBe(1);

    startWorker(kind);
    await finished(kind);
    expect(await resultsOf(kind)).toEqual(['charged once']);
  });

  it('are repeated after an error for as long as it takes, with the attempts in sight', async () => {
    const kind = newKind();
    const levels: string[] = [];
    const log = (level: string) => () => void levels.push(level);
    const attempts: number[] = [];
    startWorker(kind, {
      call: ({ attempt }) => (
        attempts.push(attempt),
        attempt < 4 ? Promise.reject(new Error('busy\0')) : Promise.resolve('charged')
      ),
      reportAfterAttempts: 3,
      logger: { ...silentLogger, warn: log('warn'), error: log('error') },
    });
    await ask(kind, 'k');
    await finished(kind);

    expect(attempts).toEqual([1, 2, 3, 4]);
    expect(levels).toEqual(['warn', 'warn', 'error']);
  });

  /** Four calls that end at the same time, and what recording them took. */
  async function endTogether(
    kind: string,
    refuses: (request: ExternalCallRequest<Payload>) => boolean = () => false,
  ) {
    const held = deferred<void>();
    const seen = { inFlight: 0, transactions: 0, locked: [] as string[][] };
    const counting: SqlDatabase = {
      query: (text, values) => database.sql.query(text, values),
      transaction: (work) => ((seen.transactions += 1), database.sql.transaction(work)),
    };
    for (const key of ['a', 'b', 'c', 'd']) await ask(kind, key);
    startWorker(kind, {
      database: counting,
      call: async ({ key }) => ((seen.inFlight += 1), await held.promise, `charged ${key}`),
      locks: ({ key }) => [`account-${key}`],
      lockStreams: async (_, streams) => void seen.locked.push(streams.toSorted()),
      complete: async (transaction, request, result) => {
        if (refuses(request)) throw new Error('cannot be recorded yet');
        await transaction.query('INSERT INTO result VALUES ($1, $2, $3)', [kind, request.key, result]);
      },
    });
    await until(() => seen.inFlight === 4);
    held.resolve();
    await finished(kind);
    expect(await resultsOf(kind)).toEqual(['charged a', 'charged b', 'charged c', 'charged d']);
    return seen;
  }

  it('are recorded in one transaction when they end together, all streams locked first', async () => {
    const { transactions, locked } = await endTogether(newKind());

    expect(transactions).toBe(1);
    expect(locked).toEqual([['account-a', 'account-b', 'account-c', 'account-d']]);
  });

  it('are recorded each by itself after one of them could not be', async () => {
    const { locked } = await endTogether(newKind(), ({ key, attempt }) => key === 'd' && attempt === 1);
    const [together, ...alone] = locked;

    expect(together).toHaveLength(4);
    for (const key of ['a', 'b', 'c'])
      expect(alone.filter(([stream]) => stream === `account-${key}`)).toEqual([[`account-${key}`]]);
  });

  it('are queried before they are repeated, and not repeated when the outcome is known', async () => {
    const kind = newKind();
    await ask(kind, 'known');
    await ask(kind, 'unseen');
    await claimAndDie(kind, 1);
    const called: string[] = [];
    startWorker(kind, {
      query: ({ key }) => Promise.resolve(key === 'known' ? 'charged before' : 'unknown'),
      call: ({ key }) => (called.push(key), Promise.resolve('charged now')),
    });
    await finished(kind);

    expect(called).toEqual(['unseen']);
    expect(await resultsOf(kind)).toEqual(['charged before', 'charged now']);
  });

  it('are made again with the same key when the worker is killed between the call and its completion', async () => {
    const kind = newKind();
    await ask(kind, 'killed:pay');
    const child = fork(join(import.meta.dirname, 'killed-worker.program.ts'), [database.url, kind], {
      execArgv: ['--conditions=@millrace/source', '--no-warnings'],
      env: { PATH: process.env.PATH },
    });
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
    expect(await resultsOf(kind)).toEqual([]);

    const keys: string[] = [];
    startWorker(kind, {
      call: async ({ key, attempt }) => {
        keys.push(`${key} ${attempt}`);
        await database.sql.query('UPDATE provider SET requests = requests + 1 WHERE key = $1', [key]);
        return 'charged once';
      },
    });
    await finished(kind);
    expect(keys).toEqual(['killed:pay 2']);
    expect((await database.sql.query('SELECT * FROM provider')).rows).toEqual([
      { key: 'killed:pay', requests: 2 },
    ]);
    expect(await resultsOf(kind)).toEqual(['charged once']);
  });

  it('are completed by the worker that holds the lease only: who was overtaken records nothing', async () => {
    const kind = newKind();
    const slow = deferred<string>();
    const started = deferred<void>();
    const overtaken = deferred<object>();
    startWorker(kind, {
      concurrency: 1,
      call: () => (started.resolve(), slow.promise),
      logger: {
        ...silentLogger,
        warn: (fields, message) => message.includes('taken over') && overtaken.resolve(fields),
      },
    });
    await ask(kind, 'k');
    await started.promise;
    await database.sql.query(
      "UPDATE external_call SET lease_until = now() - interval '1 s' WHERE kind = $1",
      [kind],
    );
    const successor = deferred<string>();
    const takenOver = deferred<void>();
    startWorker(kind, { call: () => (takenOver.resolve(), successor.promise) });
    await takenOver.promise;

    slow.resolve('from the overtaken');
    await overtaken.promise;
    expect(await resultsOf(kind)).toEqual([]);
    expect(await pendingOf(kind)).toEqual(1);
    successor.resolve('from the successor');
    await finished(kind);
    expect(await resultsOf(kind)).toEqual(['from the successor']);
  });

  it('are not made by two workers at a time', async () => {
    const kind = newKind();
    const keys = Array.from({ length: 60 }, (_, index) => `k${String(index).padStart(2, '0')}`);
    const called: string[] = [];
    for (const key of keys) await ask(kind, key);
    for (let worker = 0; worker < 3; worker++)
      startWorker(kind, { call: ({ key }) => (called.push(key), Promise.resolve(key)) });
    await finished(kind);

    expect(called.sort()).toEqual(keys);
    expect(await resultsOf(kind)).toEqual(keys);
  });

  it('that are slow do not hold up the others, up to the limit of calls at a time', async () => {
    const kind = newKind();
    const slow = deferred<string>();
    let atATime = 0;
    let most = 0;
    startWorker(kind, {
      concurrency: 3,
      call: async ({ key }) => {
        most = Math.max(most, ++atATime);
        const result = key.startsWith('slow') ? await slow.promise : key;
        atATime--;
        return result;
      },
    });
    for (const key of ['slow1', 'slow2', ...Array.from({ length: 20 }, (_, index) => `fast${index}`)])
      await ask(kind, key);
    await until(async () => (await pendingOf(kind)) === 2);
    slow.resolve('slow');
    await finished(kind);

    expect(most).toBe(3);
    expect(await resultsOf(kind)).toHaveLength(22);
  });

  it('are never taken beyond the limit, however the database plans the claim', async () => {
    const kind = newKind();
    for (const key of ['a', 'b', 'c', 'd', 'e']) await ask(kind, key);

    const claimed = await database.sql.transaction(async (transaction) => {
      for (const other of ['hashagg', 'hashjoin', 'mergejoin', 'material', 'sort'])
        await transaction.query(`SELECT set_config('enable_${other}', 'off', true)`); // leaves a join that asks again for every row
      return (await transaction.query(CLAIM_CALLS, [kind, 60_000, 2])).rowCount;
    });

    expect(claimed).toBe(2);
  });

  it('that never answer are given up after their time and repeated', async () => {
    const kind = newKind();
    startWorker(kind, {
      callTimeoutMs: 20,
      call: ({ attempt }) =>
        attempt === 1 ? new Promise<never>(() => undefined) : Promise.resolve('charged'),
    });
    await ask(kind, 'k');
    await finished(kind);

    expect(await resultsOf(kind)).toEqual(['charged']);
  });

  it('are not made again because their completion met a conflict', async () => {
    const kind = newKind();
    let calls = 0;
    let completions = 0;
    startWorker(kind, {
      call: () => (calls++, Promise.resolve('charged')),
      complete: () => (++completions < 3 ? Promise.reject(new Error('conflict')) : Promise.resolve()),
    });
    await ask(kind, 'k');
    await finished(kind);

    expect({ calls, completions }).toEqual({ calls: 1, completions: 3 });
  });

  it('in flight are finished by a worker that stops, or given back when they take too long', async () => {
    const kind = newKind();
    const started = deferred<void>();
    const answer = deferred<string>();
    const worker = startWorker(kind, {
      drainMsMax: 50,
      call: ({ key }) => (started.resolve(), key === 'ends' ? answer.promise : new Promise(() => undefined)),
    });
    await ask(kind, 'ends');
    await ask(kind, 'hangs');
    await started.promise;
    await until(
      async () =>
        (await database.sql.query('SELECT 1 FROM external_call WHERE kind = $1 AND attempts = 1', [kind]))
          .rowCount === 2,
    );
    const stopping = worker.stop();
    answer.resolve('charged');
    await stopping;
    expect(await resultsOf(kind)).toEqual(['charged']);

    startWorker(kind);
    await finished(kind);
    expect(await resultsOf(kind)).toEqual(['charged', 'charged hangs']);
  });

  it('refuse settings and requests that cannot work', async () => {
    const settings = { callTimeoutMs: 1_000, leaseMs: 1_000 };
    expect(() => startWorker(newKind(), settings)).toThrow('leaseMs (1000) has to be longer');
    await expect(ask(newKind(), '')).rejects.toMatchObject({ code: 'invalid_request' });
    const payload = 'x'.repeat(300_000);
    await expect(
      requestExternalCall(database.sql, { kind: 'k', key: 'k', payload, metadata }),
    ).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });
});
