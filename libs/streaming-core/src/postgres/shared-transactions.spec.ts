import { describe, expect, it } from '@jest/globals';
import type { Clock } from '../runtime/index.ts';
import { SharedTransactionFailure, SharedTransactions } from './shared-transactions.ts';

const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

/** Transactions that the test ends, and a clock whose timers it fires. */
function bench({ weightMax = 10, transactionsConcurrentMax = 2 } = {}) {
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

describe('shared transactions', () => {
  it('combine work items that become ready in one turn, or while another transaction runs', async () => {
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

  it('hold as many work items as their limit allows, in the order of arrival', async () => {
    const { begun, submit, items } = bench({ weightMax: 10 });
    for (const [item, weight] of Object.entries({ a: 6, b: 5, c: 4, d: 20 })) void submit(item, { weight });
    for (let number = 0; number < 3; number++) {
      await turn();
      begun[number]?.commit();
    }
    await turn();

    expect(items()).toEqual(['a c', 'b', 'd']);
  });

  it('leave out a work item that needs its own transaction', async () => {
    const { begun, submit, items } = bench();
    void submit('a');
    void submit('b', { alone: true });
    void submit('c');
    await turn();
    begun[0]?.commit();
    await turn();

    expect(items()).toEqual(['a c', 'b']);
  });

  it('reject every work item that shared them, and reject a lone one with its own error', async () => {
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

  it('do not start a work item that was aborted while it waited', async () => {
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

  it('no longer delay the next one when they take long, up to a limited number at a time', async () => {
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
