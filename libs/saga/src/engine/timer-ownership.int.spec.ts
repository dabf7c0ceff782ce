import { describe, expect, it } from '@jest/globals';
import { FencedError } from '@millrace/streaming-core/consumer';
import { seconds } from '@millrace/streaming-core/runtime';
import { trip } from '../decision/sample-saga.fixture.ts';
import { tripVersion, until } from './saga-world.bench.ts';
import { timerBench, timeout } from './timers.bench.ts';

describe('the timers of sagas and the owners of their partitions', () => {
  const bench = timerBench();

  it('fire only for the owner of the partition', async () => {
    const id = await bench.world.start(bench.engine);
    const elsewhere = { ...bench.world.owned(), partition: 4 };
    const otherTopic = { ...bench.world.owned(), topic: 'booking-events' };
    await bench.assigned(bench.engine, elsewhere);
    await bench.assigned(bench.engine, otherTopic);
    bench.world.time.advance(timeout);
    const own = bench.world.owned();
    bench.engine.ownership.onOwned?.(own);
    await bench.engine.ownership.onLost?.(own);
    await bench.aWhile();

    expect(elsewhere.asked).toEqual([]);
    expect(otherTopic.asked).toEqual([]);
    expect(own.asked).toEqual([]);
    expect(await bench.world.sentTypes(id)).toEqual(['BookRoom']);
  });

  it('fire through the partition that they belong to', async () => {
    const here = await bench.world.start(bench.engine);
    const there = await bench.world.start(bench.engine, undefined, { partition: 4 });
    const refuses = { ...bench.world.owned(), caughtUpTo: async () => -Infinity };
    await bench.assigned(bench.engine, refuses);
    await bench.assigned(bench.engine, { ...bench.world.owned(), partition: 4 });
    bench.world.time.advance(timeout);
    await bench.sends(there, 2);
    await bench.aWhile();

    expect(await bench.world.sentTypes(here)).toEqual(['BookRoom']);
  });

  it('S07 have one effect when two owners race', async () => {
    const id = await bench.world.start(bench.engine);
    const other = bench.open();
    await Promise.all([bench.assigned(bench.engine), bench.assigned(other)]);
    bench.world.time.advance(timeout);
    await bench.sends(id, 2);
    bench.world.time.advance(timeout);
    await bench.sends(id, 3);
    await bench.aWhile();

    expect(await bench.world.inspect(bench.engine, id)).toMatchObject({
      steps: [{ attempts: 3 }, {}, {}, {}, {}],
    });
    expect((await bench.world.sent(id)).length).toBe(3);
  });

  it('resume in a new process', async () => {
    const id = await bench.world.start(bench.engine);
    await bench.assigned(bench.engine);
    bench.world.time.advance(timeout);
    await bench.sends(id, 2);
    await bench.engine.timers.stop();
    const next = bench.open();
    await bench.assigned(next, { ...bench.world.owned(), epoch: 2n });
    bench.world.time.advance(timeout);
    await bench.sends(id, 3);

    expect(await bench.world.inspect(next, id)).toMatchObject({ steps: [{ attempts: 3 }, {}, {}, {}, {}] });
  });

  it('S12 wait for an owner that knows their version, and do not hold up others', async () => {
    const newer = bench.open({ definitions: [trip, tripVersion(2)] });
    const unknown = await bench.world.start(newer);
    const known = await bench.world.start(bench.engine);
    const owned = await bench.assigned(bench.engine);
    bench.world.time.advance(timeout);
    await bench.sends(known, 2);
    await until(async () => (await bench.world.dueAt(unknown))[0] === bench.world.time.now() + seconds(5));

    const postponed = 'a saga timer failed and was postponed';
    await until(() => bench.world.warnings.includes(postponed), 'the warning');
    expect(await bench.world.sentTypes(unknown)).toEqual(['BookRoom']);
    await bench.engine.ownership.onLost?.(owned);
    await bench.assigned(newer, { ...bench.world.owned(), epoch: 2n });
    bench.world.time.advance(seconds(5));
    await bench.sends(unknown, 2);
    expect(await bench.world.sentTypes(unknown)).toEqual(['BookRoom', 'BookRoom']);
  });

  it('do nothing for a fenced owner', async () => {
    const id = await bench.world.start(bench.engine);
    let fenced = false;
    const owned = bench.world.owned();
    await bench.assigned(bench.engine, {
      ...owned,
      transaction: (work) =>
        fenced ? Promise.reject(new FencedError('another owner')) : owned.transaction(work),
    });
    fenced = true;
    bench.world.time.advance(timeout);
    await until(() => bench.world.warnings.length > 0, 'a warning');
    expect(bench.world.warnings).not.toContain('a saga timer failed and was postponed');

    expect(await bench.world.sentTypes(id)).toEqual(['BookRoom']);
  });

  it('stop when asked, and when the partition is lost', async () => {
    const id = await bench.world.start(bench.engine);
    const owned = await bench.assigned(bench.engine);
    await bench.engine.ownership.onLost?.(owned);
    bench.world.time.advance(timeout);
    await bench.aWhile();
    expect(await bench.world.sentTypes(id)).toEqual(['BookRoom']);

    await bench.engine.timers.stop();
    await bench.engine.timers.stop();
    await bench.engine.ownership.onDisrupted?.(owned); // a notice that crossed with the loss
    bench.engine.ownership.onOwned?.({ ...owned, epoch: 2n });
    await bench.aWhile();
    expect(await bench.world.sentTypes(id)).toEqual(['BookRoom']);
  });
});
