import { describe, expect, it } from '@jest/globals';
import { seconds } from '@millrace/streaming-core/runtime';
import { bookingEvents } from '../decision/sample-saga.fixture.ts';
import { defaultTimerSettings } from './options.ts';
import { until } from './saga-world.bench.ts';
import { timerBench, timeout } from './timers.bench.ts';

const { timerRetryDelayMs } = defaultTimerSettings;

describe('the timer of a saga with a parked message', () => {
  const bench = timerBench();

  it('S20 does not fire until the message is given up, and does not hold up others', async () => {
    const blocked = await bench.world.start(bench.engine);
    const fine = await bench.world.start(bench.engine);
    let parked: readonly string[] = [blocked];
    await bench.assigned(bench.engine, bench.world.owned({ parked: () => parked }));
    bench.world.time.advance(timeout);
    await bench.sends(fine, 2);

    expect(await bench.world.dueAt(blocked)).toEqual([bench.world.time.now() + timerRetryDelayMs]);
    bench.world.time.advance(timerRetryDelayMs);
    await until(
      async () => (await bench.world.dueAt(blocked))[0] === bench.world.time.now() + timerRetryDelayMs,
      'the timer to be postponed again',
    );
    expect(await bench.world.sentTypes(blocked)).toEqual(['BookRoom']);
    parked = [];
    bench.world.time.advance(timerRetryDelayMs);
    await bench.sends(blocked, 2);
    expect(await bench.world.sentTypes(blocked)).toEqual(['BookRoom', 'BookRoom']);
  });

  it('is deleted if the message is handled and was its reply', async () => {
    const id = await bench.world.start(bench.engine);
    let parked: readonly string[] = [id];
    await bench.assigned(bench.engine, bench.world.owned({ parked: () => parked }));
    bench.world.time.advance(timeout);
    const postponedTo = bench.world.time.now() + timerRetryDelayMs;
    await until(async () => (await bench.world.dueAt(id))[0] === postponedTo, 'the timer to be postponed');
    await bench.world.answer(bench.engine, id, 'BookRoom', bookingEvents.RoomBooked);
    parked = [];
    bench.world.time.advance(seconds(10));

    expect(await bench.world.sentTypes(id)).toEqual(['BookRoom', 'BookSeat']);
    const watched = await bench.world.start(bench.engine);
    bench.world.time.advance(timeout);
    await bench.sends(watched, 2); // by now the driver has polled both
    expect((await bench.world.sentTypes(id)).filter((type) => type === 'BookRoom')).toHaveLength(1);
  });

  it('S20 shares one query for parked messages with all due timers of its partition', async () => {
    const ids = await Promise.all(Array.from({ length: 25 }, () => bench.world.start(bench.engine)));
    const [spared = ''] = ids;
    const owned = bench.world.owned();
    const asked: (readonly string[])[] = [];
    await bench.assigned(bench.engine, {
      ...owned,
      parkedAmong: async (topics, keys) => {
        expect(topics).toEqual(['trip-events', 'booking-events']);
        asked.push(keys);
        return new Set(keys.filter((key) => key !== spared));
      },
    });
    bench.world.time.advance(timeout);
    await bench.sends(spared, 2);

    expect(asked.filter((keys) => keys.length > 0).map((keys) => keys.toSorted())).toEqual([ids.toSorted()]);
    expect((await Promise.all(ids.map(bench.world.sentTypes))).flat()).toHaveLength(26);
  });
});
