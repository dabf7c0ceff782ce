import { describe, expect, it } from '@jest/globals';
import { pgDatabase, type SqlDatabase } from '../../postgres/index.ts';
import { callBench, metadata, newKind, type Payload } from './call-bench.fixture.ts';
import { CLAIM_CALLS } from './external-calls.sql.ts';
import { requestExternalCall } from './request.ts';
import { deferred, until } from './waiting.fixture.ts';
import type { ExternalCallRequest } from './worker-options.ts';
import type { ExternalCallWorker } from './worker.ts';

describe('M49 external calls that a worker of the same process can make', () => {
  const calls = callBench();
  const { startWorker, resultsOf, pendingOf, finished } = calls;

  /** Requests calls in one transaction of a process in which this worker runs. */
  const askBeside = (worker: object, kind: string, keys: readonly string[], work = async () => {}) =>
    pgDatabase(calls.database.pool, () => worker).transaction(async (transaction) => {
      for (const key of keys)
        await requestExternalCall(transaction, { kind, key, payload: { amount: 7 }, metadata });
      await work();
      return transaction.workersToWake;
    });

  /** Starts a worker that looks for calls once, and later only when it is notified. */
  async function startDeafWorker(kind: string, settings: Parameters<typeof startWorker>[1] = {}) {
    const looked = deferred<void>();
    let claimed = 0;
    const database: SqlDatabase = {
      async query(text, values) {
        const result = await calls.database.sql.query(text, values);
        if (text === CLAIM_CALLS) claimed += result.rowCount;
        if (text === CLAIM_CALLS) looked.resolve();
        return result as never;
      },
      transaction: (work) => calls.database.sql.transaction(work),
    };
    const worker = startWorker(kind, { database, idleMsMax: 3_600_000, ...settings });
    await looked.promise;
    return { worker, claimed: () => claimed };
  }

  const stored = async (kind: string) =>
    (
      await calls.database.sql.query<{ key: string; attempts: number; leased: boolean }>(
        'SELECT key, attempts, lease_until > now() AS leased FROM external_call WHERE kind = $1 ORDER BY key',
        [kind],
      )
    ).rows;

  it('are claimed with their insertion and made after the commit', async () => {
    const kind = newKind();
    const seen: ExternalCallRequest<Payload>[] = [];
    const { worker, claimed } = await startDeafWorker(kind, {
      call: (request) => (seen.push(request), Promise.resolve('charged')),
    });
    const left = await askBeside(worker, kind, ['k'], async () => expect(seen).toEqual([]));
    await finished(kind);

    expect(seen).toEqual([
      { kind, key: 'k', payload: { amount: 7 }, metadata, attempt: 1, requestedAt: expect.any(Date) },
    ]);
    expect(left).toEqual(new Set());
    expect(claimed()).toBe(0);
  });

  it('are not made after a rollback, which frees their slots', async () => {
    const kind = newKind();
    const made: string[] = [];
    const { worker } = await startDeafWorker(kind, {
      concurrency: 1,
      call: ({ key }) => (made.push(key), Promise.resolve(key)),
    });
    const failed = askBeside(worker, kind, ['lost'], () => Promise.reject(new Error('no')));
    await expect(failed).rejects.toThrow('no');
    await askBeside(worker, kind, ['kept']);
    await finished(kind);

    expect(made).toEqual(['kept']);
  });

  it('are left to the next claim if the worker has too few free slots', async () => {
    const kind = newKind();
    const answer = deferred<string>();
    const { worker, claimed } = await startDeafWorker(kind, { concurrency: 2, call: () => answer.promise });
    await askBeside(worker, kind, ['a']);
    const left = await askBeside(worker, kind, ['b', 'c']);

    expect(await stored(kind)).toEqual([
      { key: 'a', attempts: 1, leased: true },
      { key: 'b', attempts: 1, leased: true },
      { key: 'c', attempts: 0, leased: false },
    ]);
    expect(left).toEqual(new Set([worker.worker]));
    answer.resolve('charged');
    await finished(kind);
    expect(claimed()).toBe(1);
  });

  it('are not made again if they are requested while pending', async () => {
    const kind = newKind();
    const answer = deferred<string>();
    const made: string[] = [];
    const { worker } = await startDeafWorker(kind, {
      concurrency: 2,
      call: ({ key }) => (made.push(key), answer.promise),
    });
    await askBeside(worker, kind, ['k', 'k']);
    await askBeside(worker, kind, ['k']);
    await askBeside(worker, kind, ['other']);
    answer.resolve('charged');
    await finished(kind);

    expect(made).toEqual(['k', 'other']);
  });

  it('are queried and repeated by another worker once their lease has ended', async () => {
    const kind = newKind();
    const dead: Pick<ExternalCallWorker, 'reserve'> = {
      reserve: (count) => ({ count, leaseMs: 60_000, use: () => undefined }),
    };
    await askBeside(dead, kind, ['k']);
    const asked: string[] = [];
    const settings = { query: ({ key }: { key: string }) => (asked.push(key), Promise.resolve('known')) };
    const { worker, claimed } = await startDeafWorker(kind, settings);
    expect(claimed()).toBe(0);

    await calls.database.sql.query("UPDATE external_call SET lease_until = '-infinity' WHERE kind = $1", [
      kind,
    ]);
    worker.notify();
    await finished(kind);
    expect(asked).toEqual(['k']);
    expect(await resultsOf(kind)).toEqual(['known']);
  });

  it('are given back if the worker has stopped before the commit', async () => {
    const kind = newKind();
    const made: string[] = [];
    const { worker } = await startDeafWorker(kind, {
      call: ({ key }) => (made.push(key), Promise.resolve('charged')),
    });
    await askBeside(worker, kind, ['k'], () => worker.stop());
    await until(async () => (await stored(kind)).every(({ leased }) => !leased), 'the call to be given back');

    expect(made).toEqual([]);
    expect(await pendingOf(kind)).toBe(1);
    startWorker(kind);
    await finished(kind);
  });
});
