import { describe, expect, it } from '@jest/globals';
import { systemClock, type Clock } from '../../runtime/index.ts';
import { runtimeBench, until } from './runtime.bench.ts';

const limits = { skippedInARowMin: 3, skippedPauseMs: 77_777 };

/** A clock on which a pause of `skippedPauseMs` ends when the test says so. */
function pausingClock() {
  const pauses = new Set<() => void>();
  const clock: Clock = {
    ...systemClock,
    after(span, work) {
      if (span !== limits.skippedPauseMs) return systemClock.after(span, work);
      pauses.add(work);
      return () => void pauses.delete(work);
    },
  };
  const end = () => {
    const [work] = pauses;
    if (work === undefined) throw new Error('no partition pauses');
    pauses.delete(work);
    work();
  };
  return { clock, pauses, end };
}

describe('a partition whose last records had no handler', () => {
  const bench = runtimeBench();
  const { runtime, member, note, effects } = bench;

  const skip = (count: number) => {
    for (let number = 0; number < count; number += 1) note(number, { type: 'Ignored' });
  };

  /** Starts a runtime whose partition has skipped three records, and pauses since the fourth. */
  async function paused() {
    const pausing = pausingClock();
    const consumer = member();
    const made = runtime(consumer, { clock: pausing.clock, limits: { ...limits, skippedWaitMsMax: 1 } });
    await made.start();
    skip(3);
    await until(async () => (await bench.offset()) === '3');
    expect(pausing.pauses.size).toBe(0);
    skip(1);
    await until(() => pausing.pauses.size === 1);
    return { ...pausing, consumer, made };
  }

  it('is not fetched during a pause, and then gives the records that have gathered', async () => {
    const { consumer, end } = await paused();
    let fetches = 0;
    consumer.beforeFetch = () => (fetches += 1);
    note(1);
    skip(1);
    await until(async () => (await bench.offset()) === '4');
    expect({ fetches, effects: await effects() }).toEqual({ fetches: 0, effects: [] });
    end();
    await until(async () => (await effects()).length === 1);
    await until(() => consumer.fetchedTo('notes', 0) === 6n);
  });

  it('is fetched during the pause once a record had a handler', async () => {
    const { end } = await paused();
    note(1);
    end();
    for (let number = 2; number <= 5; number += 1) {
      await until(async () => (await effects()).length === number - 1);
      note(number);
    }
    await until(async () => (await effects()).length === 5);
  });

  it('is fetched without a pause while more records are on the log', async () => {
    skip(1_200);
    note(1);
    await runtime(member(), { clock: pausingClock().clock, limits }).start();
    await until(async () => (await effects()).length === 1);
  });

  it('ends its pause when the runtime stops', async () => {
    const { pauses, made } = await paused();
    await made.stop();
    expect(pauses.size).toBe(0);
  });
});
