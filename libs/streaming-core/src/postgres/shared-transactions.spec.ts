import { describe, expect, it } from '@jest/globals';
import type { Clock } from '../runtime/index.ts';
import { SharedTransactionFailure, SharedTransactions } from './shared-transactions.ts';

const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

/** Transactions that the test ends, and a clock whose alarms it rings. */
function bench({ weightMax = 10, transactionsConcurrentMax = 2, lingerMs = 0 } = {}) {
  const alarms = new Set<() => void>();
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    after: (_, work) => (alarms.add(work), () => void alarms.delete(work)),
  };
  const begun: { readonly items: readonly string[]; commit(): void; fail(error: Error): void }[] = [];
  const transactions = new SharedTransactions<string, string>({
    clock,
    transactionsConcurrentMax,
    gatherMsMax: 200,
    lingerMs,
    weightMax: () => weightMax,
    run: (items) =>
      new Promise((resolve, reject) => {
        begun.push({ items, commit: () => resolve(items.map((item) => `${item} done`)), fail: reject });
      }),
  });
  const submit = (item: string, options: { weight?: number; alone?: boolean; signal?: AbortSignal } = {}) => {
    const submitted = transactions.submit({ item, weight: 1, alone: false, ...options });
    submitted.catch(() => undefined);
    return submitted;
  };
  return {
    begun,
    submit,
    ring: () => alarms.forEach((alarm) => alarm()),
    items: () => begun.map((each) => each.items.join(' ')),
  };
}

describe('transactions that are shared', () => {
  it('take together what becomes ready in one turn, and what gathers while one runs', async () => {
    const { begun, submit, items } = bench();
    const first = [submit('a'), submit('b')];
    await turn();
    const next = [submit('c'), submit('d')];
    await turn();
    expect(items()).toEqual(['a b']);
    begun[0]?.commit();
    expect(await Promise.all(first)).toEqual(['a done', 'b done']);
    await turn();
    expect(items()).toEqual(['a b', 'c d']);
    begun[1]?.commit();
    expect(await Promise.all(next)).toEqual(['c done', 'd done']);
  });

  it('wait for others where nobody is in a hurry, but not once they fill one', async () => {
    const { begun, submit, items, ring } = bench({ lingerMs: 30, weightMax: 3 });
    void submit('a');
    await turn();
    void submit('b');
    await turn();
    expect(items()).toEqual([]);
    ring();
    expect(items()).toEqual(['a b']);
    begun[0]?.commit();
    await turn();
    void submit('c', { weight: 3 });
    await turn();
    expect(items()).toEqual(['a b', 'c']);
  });

  it('hold what their limit allows, in the order of coming', async () => {
    const { begun, submit, items } = bench({ weightMax: 10 });
    for (const [item, weight] of Object.entries({ a: 6, b: 5, c: 4, d: 20 })) void submit(item, { weight });
    for (let number = 0; number < 3; number++) {
      await turn();
      begun[number]?.commit();
    }
    await turn();

    expect(items()).toEqual(['a c', 'b', 'd']);
  });

  it('do not hold who wants to be alone', async () => {
    const { begun, submit, items } = bench();
    void submit('a');
    void submit('b', { alone: true });
    void submit('c');
    await turn();
    begun[0]?.commit();
    await turn();

    expect(items()).toEqual(['a c', 'b']);
  });

  it('fail for all that shared them, and with its own error for one that was alone', async () => {
    const { begun, submit } = bench();
    const shared = [submit('a'), submit('b')];
    await turn();
    const error = new Error('no');
    begun[0]?.fail(error);
    for (const each of shared)
      await expect(each).rejects.toMatchObject({ name: 'SharedTransactionFailure', cause: error });
    await expect(shared[0]).rejects.toBeInstanceOf(SharedTransactionFailure);
    const alone = submit('c');
    await turn();
    begun[1]?.fail(error);

    await expect(alone).rejects.toBe(error);
  });

  it('are not begun for what was aborted while it waited', async () => {
    const { begun, submit, items } = bench();
    const leaving = new AbortController();
    void submit('a');
    await turn();
    const left = submit('b', { signal: leaving.signal });
    leaving.abort();
    begun[0]?.commit();
    await turn();

    expect(await left).toBeUndefined();
    expect(items()).toEqual(['a']);
  });

  it('are no longer waited for when they take long, up to a number at a time', async () => {
    const { begun, submit, ring, items } = bench({ transactionsConcurrentMax: 2 });
    for (const item of ['a', 'b', 'c']) {
      void submit(item);
      await turn();
      ring();
      await turn();
    }
    expect(items()).toEqual(['a', 'b']);
    begun[0]?.commit();
    await turn();

    expect(items()).toEqual(['a', 'b', 'c']);
  });
});
