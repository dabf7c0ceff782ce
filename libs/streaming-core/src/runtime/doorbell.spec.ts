import { describe, expect, it } from '@jest/globals';
import type { Clock } from './clock.ts';
import { Doorbell } from './polling.ts';

/** A clock whose timers fire only when the test calls `timeIsUp`. */
function stillClock() {
  const waiting: Array<() => void> = [];
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    after: (_, work) => (waiting.push(work), () => undefined),
  };
  return { clock, timeIsUp: () => waiting.splice(0).forEach((work) => work()) };
}

describe('a doorbell', () => {
  it('ends a sleep early and reports that it rang', async () => {
    const bell = new Doorbell(stillClock().clock);
    const sleep = bell.sleep(1_000);
    bell.ring();

    expect(await sleep).toBe(true);
  });

  it('keeps rings for the next sleep only', async () => {
    const { clock, timeIsUp } = stillClock();
    const bell = new Doorbell(clock);
    bell.ring();
    bell.ring();
    expect(await bell.sleep(1_000)).toBe(true);
    const second = bell.sleep(1_000);
    timeIsUp();

    expect(await second).toBe(false);
  });
});
