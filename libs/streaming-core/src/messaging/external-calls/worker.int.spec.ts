import { once } from 'node:events';
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import { ManualClock } from '../../runtime/manual-clock.fake.ts';
import { requestExternalCall } from './request.ts';
import { deferred, until } from './waiting.fixture.ts';
import type { ExternalCallRequest } from './worker-options.ts';
import { callBench, metadata, newKind, type Payload } from './call-bench.fixture.ts';

describe('external calls', () => {
  const calls = callBench();
  const { ask, startWorker, resultsOf, pendingOf, finished, claimAndDie } = calls;

  it('are made after the commit with their key and payload, and deleted with the record of their result', async () => {
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

  it('M13 are not made when the transaction that requested them rolls back', async () => {
    const kind = newKind();
    await expect(
      calls.database.sql.transaction(async (transaction) => {
        await requestExternalCall(transaction, { kind, key: 'k', payload: {}, metadata });
        throw new Error('no');
      }),
    ).rejects.toThrow('no');

    expect(await pendingOf(kind)).toBe(0);
  });

  it('are made once, however often they are requested while pending', async () => {
    const kind = newKind();
    await Promise.all([1, 2, 3].map((amount) => ask(kind, 'once', amount)));
    expect(await pendingOf(kind)).toBe(1);

    startWorker(kind);
    await finished(kind);
    expect(await resultsOf(kind)).toEqual(['charged once']);
  });

  it('are repeated after an error for as long as it takes, and are logged as errors after some attempts', async () => {
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

  it('M47 are repeated when they are due, however rarely the worker looks for other calls', async () => {
    const kind = newKind();
    const clock = new ManualClock();
    const attempts: number[] = [];
    const worker = startWorker(kind, {
      clock,
      idleMsMax: 60_000,
      call: ({ attempt }) => (
        attempts.push(attempt),
        attempt < 2 ? Promise.reject(new Error('busy')) : Promise.resolve('charged')
      ),
    });
    for (let looks = 0; looks < 20; looks += 1) {
      await until(() => clock.timers === 1, 'the pause between two looks');
      await clock.advance(60_000);
    }
    await ask(kind, 'k');
    worker.notify();
    await until(() => clock.timers === 2, 'the timer of the retry');
    const due = 'SELECT 1 FROM external_call WHERE kind = $1 AND due_at <= now()';
    await until(
      async () => (await calls.database.sql.query(due, [kind])).rowCount === 1,
      'the retry to be due',
    );
    await clock.advance(100);
    await finished(kind);

    expect(attempts).toEqual([1, 2]);
  });

  it('share one log line when the system cannot be reached, and have one line each for other failures', async () => {
    const kind = newKind();
    const told: string[] = [];
    const away = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    startWorker(kind, {
      call: ({ key, attempt }) =>
        attempt < 4
          ? Promise.reject(key === 'refused' ? new Error('no such card') : away())
          : Promise.resolve('charged'),
      logger: { ...silentLogger, warn: (fields) => void told.push((fields as { key: string }).key) },
    });
    for (const key of ['refused', 'a', 'b', 'c']) await ask(kind, key);
    await finished(kind);

    expect(told.filter((key) => key === 'refused')).toHaveLength(3);
    expect(told.filter((key) => key !== 'refused')).toHaveLength(1);
  });

  it('M13 are queried before they are repeated, and not repeated when the outcome is known', async () => {
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

  it('M13 are made again with the same key when the worker is killed between the call and its completion', async () => {
    const kind = newKind();
    await ask(kind, 'killed:pay');
    const child = fork(join(import.meta.dirname, 'killed-worker.program.ts'), [calls.database.url, kind], {
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
        await calls.database.sql.query('UPDATE provider SET requests = requests + 1 WHERE key = $1', [key]);
        return 'charged once';
      },
    });
    await finished(kind);
    expect(keys).toEqual(['killed:pay 2']);
    expect((await calls.database.sql.query('SELECT * FROM provider')).rows).toEqual([
      { key: 'killed:pay', requests: 2 },
    ]);
    expect(await resultsOf(kind)).toEqual(['charged once']);
  });

  it('time out and are repeated if they get no answer', async () => {
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

  it('are not repeated when only their completion runs into a conflict', async () => {
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

  it('are finished by a worker that stops, or given back if they take too long', async () => {
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
        (
          await calls.database.sql.query('SELECT 1 FROM external_call WHERE kind = $1 AND attempts = 1', [
            kind,
          ])
        ).rowCount === 2,
    );
    const stopping = worker.stop();
    answer.resolve('charged');
    await stopping;
    expect(await resultsOf(kind)).toEqual(['charged']);

    startWorker(kind);
    await finished(kind);
    expect(await resultsOf(kind)).toEqual(['charged', 'charged hangs']);
  });

  it('reject settings and requests that cannot work', async () => {
    const settings = { callTimeoutMs: 1_000, leaseMs: 1_000 };
    expect(() => startWorker(newKind(), settings)).toThrow('leaseMs (1000) must be longer');
    await expect(ask(newKind(), '')).rejects.toMatchObject({ code: 'invalid_request' });
    const payload = 'x'.repeat(300_000);
    await expect(
      calls.database.sql.transaction((transaction) =>
        requestExternalCall(transaction, { kind: 'k', key: 'k', payload, metadata }),
      ),
    ).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });
});
