import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../runtime/manual-clock.fake.ts';
import { createWakeUps } from './worker.ts';

describe('wake-ups', () => {
  it('happen after each span, although close ones share a timer', async () => {
    const clock = new ManualClock();
    const woken: number[] = [];
    const began = clock.now();
    const wakeUps = createWakeUps(clock, () => void woken.push(clock.now() - began));
    for (let span = 1; span <= 1_000; span += 1) wakeUps.wakeIn(span);
    expect(clock.timers).toBeLessThan(60);

    await clock.advance(2_000);
    expect(woken.at(-1)).toBeGreaterThanOrEqual(1_000);
    for (let span = 1; span <= 1_000; span += 1)
      expect(woken.some((at) => at >= span && at < span + 40)).toBe(true);
  });

  it('do not happen once they are cancelled', async () => {
    const clock = new ManualClock();
    const woken: string[] = [];
    const wakeUps = createWakeUps(clock, () => void woken.push('woken'));
    wakeUps.wakeIn(10);
    wakeUps.cancel();
    await clock.advance(100);

    expect(woken).toEqual([]);
  });
});
