import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import { type SqlDatabase } from '../../postgres/index.ts';
import { CLAIM_CALLS, POSTPONE_CALL } from './external-calls.sql.ts';
import { deferred, until } from './waiting.fixture.ts';
import type { ExternalCallRequest, ExternalCallWorkerOptions } from './worker-options.ts';
import { callBench, newKind, type Payload } from './call-bench.fixture.ts';

describe('external calls', () => {
  const calls = callBench();
  const { ask, startWorker, resultsOf, pendingOf, finished } = calls;

  /** Ends four calls at the same time, and reports how their results were recorded. */
  async function endTogether(
    kind: string,
    refuses: (request: ExternalCallRequest<Payload>) => boolean = () => false,
  ) {
    const held = deferred<void>();
    const seen = { inFlight: 0, transactions: 0, locked: [] as string[][] };
    const counting: SqlDatabase = {
      query: (text, values) => calls.database.sql.query(text, values),
      transaction: (work) => ((seen.transactions += 1), calls.database.sql.transaction(work)),
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

  it('are recorded in one transaction when they end together, after it has locked all streams', async () => {
    const { transactions, locked } = await endTogether(newKind());

    expect(transactions).toBe(1);
    expect(locked).toEqual([['account-a', 'account-b', 'account-c', 'account-d']]);
  });

  it('are recorded one by one after one of them could not be recorded', async () => {
    const { locked } = await endTogether(newKind(), ({ key, attempt }) => key === 'd' && attempt === 1);
    const [together, ...alone] = locked;

    expect(together).toHaveLength(4);
    for (const key of ['a', 'b', 'c'])
      expect(alone.filter(([stream]) => stream === `account-${key}`)).toEqual([[`account-${key}`]]);
  });

  /**
   * Starts a worker whose lease expires during a call, and a second one that makes the same call.
   */
  async function overtaken(
    kind: string,
    {
      call,
      ...settings
    }: Pick<ExternalCallWorkerOptions<Payload, string>, 'call'> &
      Partial<ExternalCallWorkerOptions<Payload, string>>,
  ) {
    const started = deferred<void>();
    startWorker(kind, {
      ...settings,
      concurrency: 1,
      call: (request, signal) => (started.resolve(), call(request, signal)),
    });
    await ask(kind, 'k');
    await started.promise;
    await calls.database.sql.query(
      "UPDATE external_call SET lease_until = now() - interval '1 s' WHERE kind = $1",
      [kind],
    );
    const successor = deferred<string>();
    const takenOver = deferred<void>();
    startWorker(kind, { call: () => (takenOver.resolve(), successor.promise) });
    await takenOver.promise;
    return successor;
  }

  it('are completed only by the worker that holds the lease, while an overtaken worker records nothing', async () => {
    const kind = newKind();
    const slow = deferred<string>();
    const told = deferred<object>();
    const successor = await overtaken(kind, {
      call: () => slow.promise,
      logger: {
        ...silentLogger,
        warn: (fields, message) => message.includes('taken over') && told.resolve(fields),
      },
    });

    slow.resolve('from the overtaken');
    await told.promise;
    expect(await resultsOf(kind)).toEqual([]);
    expect(await pendingOf(kind)).toEqual(1);
    successor.resolve('from the successor');
    await finished(kind);
    expect(await resultsOf(kind)).toEqual(['from the successor']);
  });

  it('are given back only by the worker that holds the lease, while a failure of an overtaken worker frees no call', async () => {
    const kind = newKind();
    const slow = deferred<void>();
    const givenBack = deferred<void>();
    const watched: SqlDatabase = {
      query: async (text, values) => {
        const result = await calls.database.sql.query(text, values);
        if (text === POSTPONE_CALL) givenBack.resolve();
        return result as never;
      },
      transaction: (work) => calls.database.sql.transaction(work),
    };
    const successor = await overtaken(kind, {
      database: watched,
      call: async () => {
        await slow.promise;
        throw new Error('the provider hung up');
      },
    });

    slow.resolve();
    await givenBack.promise;
    const { rows } = await calls.database.sql.query(
      'SELECT lease_until > now() AS leased FROM external_call WHERE kind = $1',
      [kind],
    );
    successor.resolve('from the successor');
    expect(rows).toEqual([{ leased: true }]);
    await finished(kind);
    expect(await resultsOf(kind)).toEqual(['from the successor']);
  });

  it('are never made by two workers at the same time', async () => {
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

  it('do not wait for slow ones, up to the limit of concurrent calls', async () => {
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

  it('K08 are never claimed beyond the limit, however the database plans the statement', async () => {
    const kind = newKind();
    for (const key of ['a', 'b', 'c', 'd', 'e']) await ask(kind, key);

    const claimed = await calls.database.sql.transaction(async (transaction) => {
      for (const other of ['hashagg', 'hashjoin', 'mergejoin', 'material', 'sort'])
        await transaction.query(`SELECT set_config('enable_${other}', 'off', true)`); // leaves a join that evaluates the subquery for every row
      return (await transaction.query(CLAIM_CALLS, [kind, 60_000, 2])).rowCount;
    });

    expect(claimed).toBe(2);
  });
});
