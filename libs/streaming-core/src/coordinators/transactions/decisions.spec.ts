import { describe, expect, it } from '@jest/globals';
import type { Producer } from '../coordinator-topic.ts';
import { completed, fenced, isExpired, isTimedOut, newTransaction, type Transaction } from './transaction.ts';
import { decideAdd, decideEnd, decideInit, refuseVerification, type Decision } from './decisions.ts';

const now = 1_000;
const place = { topic: 't', partition: 0 };
const fresh = newTransaction('id', 7n, now);
const init = (transaction: Transaction, expected?: Producer, newProducerId = -1n) =>
  decideInit(transaction, { timeoutMs: 60_000, expected, newProducerId, nowMs: now });
const add = (transaction: Transaction | undefined, producer: Producer, partitions = [place]) =>
  decideAdd(transaction, { ...producer, partitions, version: 0, nowMs: now });
const end = (
  transaction: Transaction | undefined,
  producer: Producer,
  committed: boolean,
  version: 0 | 2 = 0,
  newProducerId = -1n,
) => decideEnd(transaction, { ...producer, committed, version, newProducerId, nowMs: now });

function next(decision: Decision): Transaction {
  if (decision.outcome !== 'changed') throw new Error(JSON.stringify(decision));
  return decision.next;
}
const refused = (error: string) => ({ outcome: 'refused', error });
const at = (producerEpoch: number, producerId = 7n): Producer => ({ producerId, producerEpoch });

const empty = next(init(fresh));
const ongoing = next(add(empty, at(0)));
const fencedNow = (transaction: Transaction, newProducerId = -1n) =>
  fenced(transaction, { newProducerId, nowMs: now });
const withEpoch = (transaction: Transaction, producerEpoch: number): Transaction => ({
  ...transaction,
  producerEpoch,
});

describe('InitProducerId', () => {
  it('begins at epoch 0 and increments it with every producer', () => {
    expect(empty).toMatchObject({ status: 'Empty', producerId: 7n, producerEpoch: 0, lastProducerEpoch: -1 });
    expect(next(init(empty))).toMatchObject({ producerEpoch: 1 });
  });

  it('aborts an ongoing transaction with an epoch that fences its producer', () => {
    expect(next(init(ongoing))).toMatchObject({
      status: 'PrepareAbort',
      producerEpoch: 1,
      partitions: [place],
    });
    expect(init(fencedNow(ongoing))).toEqual(refused('CONCURRENT_TRANSACTIONS'));
  });

  it('fences the last epoch with one that no producer uses, and continues with a new producer id', () => {
    const aborted = completed(next(init(withEpoch(ongoing, 32_766), undefined, 9n)), now);
    expect(aborted).toMatchObject({
      status: 'CompleteAbort',
      producerId: 9n,
      producerEpoch: 0,
      nextProducerId: -1n,
    });
    expect(next(init(aborted))).toMatchObject({ producerId: 9n, producerEpoch: 1 });
    expect(next(init(aborted, at(32_766)))).toMatchObject({ producerId: 9n, producerEpoch: 0 });
    expect(completed(fencedNow(withEpoch(ongoing, 32_766), 9n), now)).toMatchObject({
      producerId: 9n,
      producerEpoch: 0,
    });
  });

  it('knows which producer may continue and which one retries', () => {
    const once = next(init(empty, at(0)));
    expect(once).toMatchObject({ producerEpoch: 1, lastProducerEpoch: 0 });
    expect(next(init(once, at(0)))).toMatchObject({ producerEpoch: 1, lastProducerEpoch: 0 });
    expect(init(next(init(once)), at(0))).toEqual(refused('PRODUCER_FENCED'));
    expect(init(empty, at(0, 8n))).toEqual(refused('PRODUCER_FENCED'));
  });

  it('allocates a new producer id when the epochs are exhausted, also for a retry with the old one', () => {
    const last = withEpoch(empty, 32_766);
    const renewed = next(init(last, at(32_766), 9n));
    expect(renewed).toMatchObject({
      producerId: 9n,
      producerEpoch: 0,
      previousProducerId: 7n,
      lastProducerEpoch: 32_766,
    });
    expect(next(init(renewed, at(32_766), -1n))).toMatchObject({ producerId: 9n, producerEpoch: 0 });
    expect(next(init(withEpoch(empty, 32_767), undefined, 9n))).toMatchObject({
      producerId: 9n,
      producerEpoch: 0,
    });
  });

  it('fences the old producer id once a transaction has begun under the new one', () => {
    const renewed = next(init(withEpoch(empty, 32_766), at(32_766), 9n));
    expect(init(next(add(renewed, at(0, 9n))), at(32_766))).toEqual(refused('PRODUCER_FENCED'));
    const ended = completed(next(end(withEpoch(ongoing, 32_766), at(32_766), true, 2, 9n)), now);
    expect(init(next(add(ended, at(0, 9n))), at(32_766))).toEqual(refused('PRODUCER_FENCED'));
  });
});

describe('adding partitions', () => {
  it('begins a transaction and adds the partitions that are new', () => {
    expect(ongoing).toMatchObject({ status: 'Ongoing', partitions: [place], startedAtMs: now });
    expect(add(ongoing, at(0))).toEqual({ outcome: 'unchanged' });
    expect(next(add(ongoing, at(0), [place, { topic: 't', partition: 1 }])).partitions).toHaveLength(2);
  });

  it('is rejected for other producers, and while markers are written', () => {
    expect(add(undefined, at(0))).toEqual(refused('INVALID_PRODUCER_ID_MAPPING'));
    expect(add(empty, at(0, 8n))).toEqual(refused('INVALID_PRODUCER_ID_MAPPING'));
    expect(add(empty, at(1))).toEqual(refused('PRODUCER_FENCED'));
    expect(add(next(end(ongoing, at(0), true)), at(0))).toEqual(refused('CONCURRENT_TRANSACTIONS'));
  });

  it('can be verified without changing anything', () => {
    expect(refuseVerification(ongoing, { ...at(0), partition: place })).toBeUndefined();
    expect(refuseVerification(ongoing, { ...at(0), partition: { ...place, partition: 9 } })).toBe(
      'TRANSACTION_ABORTABLE',
    );
    expect(refuseVerification(ongoing, { ...at(1), partition: place })).toBe('PRODUCER_FENCED');
    expect(refuseVerification(undefined, { ...at(0), partition: place })).toBe('INVALID_PRODUCER_ID_MAPPING');
  });
});

describe('EndTxn without KIP-890', () => {
  const prepared = next(end(ongoing, at(0), true));
  const done = completed(prepared, now);

  it('keeps the producer epoch', () => {
    expect(prepared).toMatchObject({ status: 'PrepareCommit', producerEpoch: 0, partitions: [place] });
    expect(done).toMatchObject({ status: 'CompleteCommit', producerEpoch: 0, partitions: [] });
  });

  it.each([
    ['an end when nothing has begun', empty, true, refused('INVALID_TXN_STATE')],
    ['the same end while it is prepared', prepared, true, refused('CONCURRENT_TRANSACTIONS')],
    ['the opposite end while it is prepared', prepared, false, refused('INVALID_TXN_STATE')],
    ['the same end once it is complete', done, true, { outcome: 'unchanged' }],
    ['the opposite end once it is complete', done, false, refused('INVALID_TXN_STATE')],
  ] as const)('answers %s', (_, transaction, committed, expected) => {
    expect(end(transaction, at(0), committed)).toEqual(expected);
  });
});

describe('EndTxn with KIP-890', () => {
  const prepared = next(end(ongoing, at(0), true, 2));
  const done = completed(prepared, now);

  it('increments the producer epoch', () => {
    expect(prepared).toMatchObject({ status: 'PrepareCommit', producerEpoch: 1, lastProducerEpoch: 0 });
    expect(done).toMatchObject({ status: 'CompleteCommit', producerEpoch: 1 });
  });

  it('moves to a new producer id after the last epoch, and recognizes a producer that has not learned it', () => {
    const last = completed(next(end(withEpoch(ongoing, 32_766), at(32_766), true, 2, 9n)), now);
    expect(last).toMatchObject({
      producerId: 9n,
      producerEpoch: 0,
      previousProducerId: 7n,
      nextProducerId: -1n,
    });
    expect(end(last, at(32_766), true, 2)).toEqual({ outcome: 'unchanged' });
    expect(end(last, at(5), true, 2)).toEqual(refused('INVALID_PRODUCER_ID_MAPPING'));
  });

  it.each([
    ['a repeated end while it is prepared', prepared, at(0), true, refused('CONCURRENT_TRANSACTIONS')],
    ['the opposite end while it is prepared', prepared, at(0), false, refused('INVALID_TXN_STATE')],
    ['the next end while it is prepared', prepared, at(1), true, refused('PRODUCER_FENCED')],
    ['a repeated end once it is complete', done, at(0), true, { outcome: 'unchanged' }],
    ['the opposite end once it is complete', done, at(0), false, refused('INVALID_TXN_STATE')],
    ['a commit without a transaction', done, at(1), true, refused('INVALID_TXN_STATE')],
    ['an end older than the previous one', ongoing, at(-1), true, refused('PRODUCER_FENCED')],
    ['an unknown epoch', withEpoch(done, 32_767), at(32_767), false, refused('PRODUCER_FENCED')],
  ] as const)('answers %s', (_, transaction, producer, committed, expected) => {
    expect(end(transaction, producer, committed, 2)).toEqual(expected);
  });

  it('accepts an abort without a transaction', () => {
    expect(next(end(done, at(1), false, 2))).toMatchObject({
      status: 'PrepareAbort',
      producerEpoch: 2,
      startedAtMs: now,
    });
  });
});

describe('the passage of time', () => {
  it('times out ongoing transactions only', () => {
    expect(isTimedOut(ongoing, now + 60_001)).toBe(true);
    expect(isTimedOut(ongoing, now + 60_000)).toBe(false);
    expect(isTimedOut(empty, now + 60_001)).toBe(false);
  });

  it('expires transactional ids that nobody uses', () => {
    expect(isExpired(empty, now + 100, 100)).toBe(true);
    expect(isExpired(empty, now + 99, 100)).toBe(false);
    expect(isExpired(ongoing, now + 100, 100)).toBe(false);
  });
});
