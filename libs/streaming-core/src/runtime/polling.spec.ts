import { describe, expect, it } from '@jest/globals';
import type { Clock } from './clock.ts';
import { silentLogger } from './logger.ts';
import { createPolling, type Finding, type PollingOptions } from './polling.ts';
import { deferred, until } from '../messaging/external-calls/waiting.fixture.ts';

/** A clock that records pauses and ends them at once. Pauses of `holdFrom` or longer never end. */
function recordedClock(holdFrom = Infinity) {
  const spans: number[] = [];
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    after(span, work) {
      spans.push(span);
      if (span >= holdFrom) return () => undefined;
      const timer = setTimeout(work, 0);
      return () => clearTimeout(timer);
    },
  };
  return { clock, spans };
}

/** Polls with scripted findings. Resolves with the pauses once the script is over. */
async function pollThrough(findings: readonly (Finding | Error)[], options: Partial<PollingOptions> = {}) {
  const { clock, spans } = recordedClock();
  const rest = [...findings];
  const done = deferred<void>();
  const polling = createPolling(
    () => {
      const finding = rest.shift();
      if (finding === undefined) done.resolve();
      return finding instanceof Error ? Promise.reject(finding) : Promise.resolve(finding ?? 'nothing');
    },
    {
      clock,
      logger: silentLogger,
      name: 'test',
      idleMsMin: 2,
      idleMsMax: 10,
      retryDelayMsMin: 50,
      retryDelayMsMax: 150,
      ...options,
    },
  );
  polling.start();
  await done.promise;
  await polling.stop();
  return spans.slice(0, findings.filter((finding) => finding !== 'more').length);
}

describe('polling', () => {
  it('doubles its pause up to the maximum while it finds nothing', async () => {
    expect(await pollThrough(['nothing', 'nothing', 'nothing', 'nothing', 'nothing'])).toEqual([
      4, 8, 10, 10, 10,
    ]);
  });

  it('looks again at once while there may be more, and pauses briefly again after a look without a hint found something', async () => {
    expect(await pollThrough(['nothing', 'nothing', 'more', 'more', 'nothing', 'nothing'])).toEqual([
      4, 8, 4, 8,
    ]);
    expect(await pollThrough(['nothing', 'nothing', 'all', 'all', 'nothing'])).toEqual([4, 8, 2, 2, 4]);
  });

  it('does not look again before a hint if only a hint can bring work', async () => {
    const hour = 3_600_000;
    expect(await pollThrough(['nothing', 'nothing until notified', 'nothing'])).toEqual([4, hour, 10]);
  });

  it('continues after failures with growing pauses and logs two lines for each outage', async () => {
    const reported: string[] = [];
    const note = (_fields: object, message: string) => void reported.push(message);
    const logger = { ...silentLogger, info: note, warn: note };
    const down = new Error('down');

    expect(await pollThrough([down, down, down, 'nothing', down], { logger })).toEqual([50, 100, 150, 4, 50]);
    expect(reported).toEqual([
      'test failed and will be retried',
      'test works again after 0 s and 3 failed attempts',
      'test failed and will be retried',
      'test works again after 0 s and 1 failed attempt',
    ]);
  });

  it('wakes on a hint, even on one that arrives during a look', async () => {
    const { clock } = recordedClock(0);
    let looked = 0;
    const polling = createPolling(() => Promise.resolve(++looked < 0 ? 'all' : 'nothing'), {
      clock,
      logger: silentLogger,
      name: 'test',
    });
    polling.start();
    polling.notify();
    await until(() => looked === 2);
    polling.notify();
    await until(() => looked === 3);
    await polling.stop();

    expect(looked).toBe(3);
  });

  it('finishes the work in progress before it stops, tolerates a second stop, and can start again', async () => {
    const { clock } = recordedClock(0);
    const work = deferred<Finding>();
    let looked = 0;
    const polling = createPolling(() => (looked++, work.promise), {
      clock,
      logger: silentLogger,
      name: 'test',
    });
    polling.start();
    polling.start();
    let ended = false;
    const stopping = Promise.all([polling.stop(), polling.stop()]).then(() => (ended = true));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect({ ended, looked }).toEqual({ ended: false, looked: 1 });

    work.resolve('all');
    await stopping;
    polling.start();
    await until(() => looked > 1);
    await polling.stop();
  });
});
