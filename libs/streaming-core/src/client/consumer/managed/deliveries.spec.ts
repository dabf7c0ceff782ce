import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../runtime/manual-clock.fake.ts';
import { ClientError } from '../../errors/client-error.ts';
import type { FetchedRecord } from '../../fetched-records.ts';
import { Deliveries } from './deliveries.ts';
import { HeldPartitions } from './held-partitions.ts';

const places = [0, 1].map((partition) => ({ topic: 'orders', partition }));
const record = (partition: number, offset: bigint): FetchedRecord => ({
  topic: 'orders',
  partition,
  offset,
  timestampMs: 0,
  key: null,
  value: null,
  headers: new Map(),
  headerList: [],
});

/** A loop over two partitions with two records each. */
function openLoop(onTaken = () => {}) {
  const clock = new ManualClock();
  const partitions = new HeldPartitions();
  const deliveries = new Deliveries(clock, partitions, onTaken);
  partitions.add(places);
  for (const held of partitions.all) {
    held.startAt(0n);
    const records = [record(held.partition, 0n), record(held.partition, 1n)];
    held.accept(held.reading!, { records, nextOffset: 2n }, 0);
  }
  const loop = deliveries.open(
    (held) => held.takeRecord(),
    () => {},
  );
  return { clock, partitions, deliveries, loop };
}

const whenDone = (work: Promise<void>) => {
  const state = { isDone: false };
  void work.then(() => (state.isDone = true));
  return state;
};

describe('the deliveries to a loop', () => {
  it('Q12 take all of a fetch answer from one partition before the next one', async () => {
    const { loop, partitions } = openLoop();
    const [first] = partitions.all;
    first!.accept(first!.reading!, { records: [record(0, 2n)], nextOffset: 3n }, 0);
    const order: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      const { value } = await loop.next();
      order.push(`${value?.partition}/${value?.offset}`);
    }

    expect(order).toEqual(['0/0', '0/1', '1/0', '1/1', '0/2']);
  });

  it('ask for more at the end of each fetch answer', async () => {
    let asked = 0;
    const { loop } = openLoop(() => (asked += 1));
    const askedAfter: number[] = [];
    for (let count = 0; count < 4; count += 1) {
      await loop.next();
      askedAfter.push(asked);
    }

    expect(askedAfter).toEqual([0, 1, 1, 2]);
  });

  it('L85 drain a partition when the loop asks for more', async () => {
    const { deliveries, loop, partitions } = openLoop();
    await loop.next();
    const draining = deliveries.drain([places[0]!], 1_000);
    const drained = whenDone(draining);
    await Promise.resolve();
    expect(drained.isDone).toBe(false);

    partitions.of(places[0]!).isRevoked = true;
    expect((await loop.next()).value?.partition).toBe(1);
    await draining;
    expect(partitions.of(places[0]!).finished).toBe(1n);
  });

  it('wait for no partition that the loop has nothing of in hand, and for no loop that was left', async () => {
    const { deliveries, loop } = openLoop();
    await loop.next();

    await deliveries.drain([places[1]!], 1_000);
    await loop.return?.();
    await deliveries.drain(places, 1_000);
    expect(deliveries.inHand?.upTo).toBe(1n);
  });

  it('give up a drain at its limit, and leave the record unfinished', async () => {
    const { clock, deliveries, loop, partitions } = openLoop();
    await loop.next();
    const drained = deliveries.drain(places, 1_000);

    clock.advance(1_000);
    await drained;

    expect(partitions.of(places[0]!).finished).toBe(0n);
  });

  it('throw a failure once, and continue in the next loop', async () => {
    const { deliveries, loop } = openLoop();
    deliveries.fail(new ClientError('access_refused', 'no'), () => {});

    await expect(loop.next()).rejects.toThrow('no');
    expect(await loop.next()).toEqual({ value: undefined, done: true });
    const again = deliveries.open(
      (held) => held.takeRecord(),
      () => {},
    );
    expect((await again.next()).value?.offset).toBe(0n);
  });
});
