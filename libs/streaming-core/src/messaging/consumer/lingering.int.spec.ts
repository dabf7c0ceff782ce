import { describe, expect, it } from '@jest/globals';
import { systemClock, type Clock } from '../../runtime/index.ts';
import { runtimeBench, until } from './runtime.bench.ts';

const lingerMs = 77_777;

/** A clock on which a pause of `lingerMs` ends when the test says so. */
function lingeringClock() {
  const lingering = new Set<() => void>();
  const clock: Clock = {
    ...systemClock,
    after(span, work) {
      if (span !== lingerMs) return systemClock.after(span, work);
      lingering.add(work);
      return () => void lingering.delete(work);
    },
  };
  const end = () => {
    const [work] = lingering;
    if (work === undefined) throw new Error('nothing lingers');
    lingering.delete(work);
    work();
  };
  return { clock, lingering, end };
}

describe('a runtime that lingers', () => {
  const bench = runtimeBench();
  const { runtime, member, note, effects } = bench;

  it('handles the first message at once, and fetches together what is published in the pause after it', async () => {
    const { clock, lingering, end } = lingeringClock();
    const consumer = member();
    let fetches = 0;
    consumer.beforeFetch = () => (fetches += 1);
    await runtime(consumer, { clock, limits: { lingerMs } }).start();
    note(0);
    await until(async () => (await effects()).length === 1);
    expect(lingering.size).toBe(1);
    const fetchesBefore = fetches;
    for (const number of [1, 2, 3]) note(number);
    await until(() => consumer.commits.length > 0);
    expect({ fetches, effects: await effects() }).toEqual({ fetches: fetchesBefore, effects: [0] });
    end();
    await until(async () => (await effects()).length === 4);
    expect(fetches).toBe(fetchesBefore + 1);
  });

  it('fetches on without a pause while more messages are on the log', async () => {
    const { clock, lingering } = lingeringClock();
    for (let number = 0; number < 1_200; number += 1) note(number);
    await runtime(member(), { clock, limits: { lingerMs } }).start();
    await until(async () => (await effects()).length === 1_200);
    expect(lingering.size).toBe(1);
  });

  it('ends its pause when it is stopped', async () => {
    const { clock, lingering } = lingeringClock();
    const made = runtime(member(), { clock, limits: { lingerMs } });
    await made.start();
    note(0);
    await until(() => lingering.size === 1);
    await made.stop();
    expect(lingering.size).toBe(0);
  });
});
