import { describe, expect, it } from '@jest/globals';
import { minutes } from '../../runtime/index.ts';
import { staleTransactions, withoutCoordinator } from './hanging-transactions.ts';

const nowMs = minutes(60);
const place = { topic: 'orders', partition: 3 };

const producer = (producerId: bigint, silentMinutes: number, transactionStartOffset?: bigint) => ({
  producerId,
  producerEpoch: 0,
  lastSequence: 0,
  lastTimestampMs: nowMs - minutes(silentMinutes),
  coordinatorEpoch: 0,
  ...(transactionStartOffset !== undefined && { transactionStartOffset }),
});

const stale = (...producers: readonly ReturnType<typeof producer>[]) =>
  staleTransactions([{ ...place, producers }], nowMs, minutes(15));

describe('B05 the search for hanging transactions', () => {
  it('considers open transactions in which nothing was written for longer than any may last', () => {
    const found = stale(producer(1n, 16, 7n), producer(2n, 15, 7n), producer(3n, 16));
    expect(found).toEqual([{ ...place, ...producer(1n, 16, 7n) }]);
  });

  it('finds those of a producer that no coordinator knows', () => {
    const open = stale(producer(1n, 16, 7n));
    expect(withoutCoordinator(open, [])).toEqual(open);
    expect(withoutCoordinator(open, [{ producerId: 2n, partitions: [place] }])).toEqual(open);
  });

  it('finds those on a partition where the coordinator of the producer has no marker left to write', () => {
    const open = stale(producer(1n, 16, 7n));
    const elsewhere = { topic: 'orders', partition: 4 };
    expect(withoutCoordinator(open, [{ producerId: 1n, partitions: [elsewhere] }])).toEqual(open);
    expect(withoutCoordinator(open, [{ producerId: 1n, partitions: [elsewhere, place] }])).toEqual([]);
  });
});
