import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../../runtime/index.ts';
import { ManualClock } from '../../../runtime/manual-clock.fake.ts';
import { PollInterval } from './loop-watch.ts';

/** Starts an interval of one second, and lists what it does. */
function startInterval({ isMember = true } = {}) {
  const clock = new ManualClock();
  const done: string[] = [];
  const logger = { ...silentLogger, warn: (_fields: object, text: string) => void done.push(text) };
  const settings = { clock, logger, groupId: 'orders', maxPollIntervalMs: 1_000 };
  const interval = new PollInterval(settings, {
    stayOut: () => {
      done.push('stays out');
      return isMember;
    },
    comeBack: () => void done.push('comes back'),
  });
  return { clock, done, interval };
}

describe('the poll interval of a consumer', () => {
  it('takes the consumer out of its group once, with a warning that names the remedy', async () => {
    const { clock, done, interval } = startInterval();
    interval.onHanded();
    await clock.advance(999);
    expect(done).toEqual([]);
    await clock.advance(10_000);

    expect(done).toEqual([
      'stays out',
      'the loop has not asked for more within maxPollIntervalMs (1000 ms), so this consumer gives up ' +
        'its partitions until it does: ' +
        'raise maxPollIntervalMs, or take smaller batches (fetchMaxBytesPerPartition)',
    ]);
  });

  it('lets the consumer join again when the loop asks for more, and then begins again', async () => {
    const { clock, done, interval } = startInterval();
    interval.onHanded();
    await clock.advance(1_000);
    interval.onAsked();
    interval.onAsked();
    interval.onHanded();
    await clock.advance(1_000);

    expect(done).toEqual(['stays out', expect.any(String), 'comes back', 'stays out', expect.any(String)]);
  });

  it('counts from the last record of a loop that keeps asking', async () => {
    const { clock, done, interval } = startInterval();
    for (let count = 0; count < 5; count += 1) {
      interval.onAsked();
      interval.onHanded();
      await clock.advance(700);
    }
    expect(done).toEqual([]);
    await clock.advance(300);

    expect(done[0]).toBe('stays out');
  });

  it('never ends for a loop that waits for records', async () => {
    const { clock, done, interval } = startInterval();
    interval.onAsked();
    await clock.advance(5_000);
    interval.onHanded();
    interval.onAsked();
    await clock.advance(5_000);

    expect(done).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  it('ends for a loop that was left with a record in hand', async () => {
    const { clock, done, interval } = startInterval();
    interval.onHanded();
    interval.onLeft();
    await clock.advance(1_000);

    expect(done[0]).toBe('stays out');
  });

  it('logs no warning if the membership is over', async () => {
    const { clock, done, interval } = startInterval({ isMember: false });
    interval.onHanded();
    await clock.advance(1_000);
    interval.onAsked();

    expect(done).toEqual(['stays out']);
  });
});
