import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { within } from '@millrace/testing/within';
import { createStreamVersions, type StreamVersions } from './stream-versions.ts';

const until = within(15_000);
const never = new AbortController().signal;
const long = { waitMsMax: 60_000, signal: never };

/** Opens stream versions on a fake database, and records every statement that it gets. */
function openVersions(lookEveryMsMin = 1) {
  const stored = new Map<string, number>();
  const asked: string[][] = [];
  const times: number[] = [];
  let lastRead = 0;
  const clock = { ...systemClock, monotonic: () => (lastRead = systemClock.monotonic()) };
  const query = ((_text: string, [streams]: [string[]]) => {
    asked.push(streams);
    times.push(lastRead); // not the present time: the thread may have been held up since the reader looked
    const found = streams
      .filter((id) => stored.has(id))
      .map((id) => ({ id, version: String(stored.get(id)) }));
    return Promise.resolve({ rows: found, rowCount: found.length });
  }) as unknown as SqlDatabase['query'];
  const versions = createStreamVersions({
    database: { query },
    clock,
    logger: silentLogger,
    idleMsMax: 20,
    lookEveryMsMin,
  });
  versions.start();
  open.push(versions);
  return { versions, stored, asked, times };
}

const open: StreamVersions[] = [];
afterEach(() => Promise.all(open.splice(0).map((versions) => versions.stop())));

describe('the reader of stream versions', () => {
  it('H07 reads every awaited stream in one statement, and nothing when no caller waits', async () => {
    const { versions, stored, asked } = openVersions();
    const waiting = Array.from({ length: 200 }, (_, at) => versions.above(`order-${at % 100}`, 1, long));
    await until(() => asked.some((streams) => streams.length === 100));
    for (let at = 0; at < 100; at++) stored.set(`order-${at}`, 2);
    versions.notify();
    expect(await Promise.all(waiting)).toEqual(Array.from({ length: 200 }, () => 2));
    const statements = asked.length;
    versions.notify();
    await versions.stop();
    expect(asked.length).toBe(statements);
  });

  it('finds a version that no commit announced', async () => {
    const { versions, stored, asked } = openVersions();
    const waiting = versions.above('order-1', 0, long);
    await until(() => asked.length > 1);
    stored.set('order-1', 3);
    expect(await waiting).toBe(3);
  });

  it('H07 queries no more often than its limit during a flood of commits', async () => {
    const { versions, times } = openVersions(40);
    const waiting = versions.above('order-1', 0, { waitMsMax: 250, signal: never });
    const flood = setInterval(() => versions.notify(), 1);
    expect(await waiting).toBeUndefined();
    clearInterval(flood);
    expect(times.length).toBeGreaterThan(1);
    // timers may fire a fraction early
    for (const [at, time] of times.entries()) expect(time - (times[at - 1] ?? -Infinity)).toBeGreaterThan(38);
  });

  it('stops waiting when the patience of a caller ends, and immediately if it has already ended', async () => {
    const { versions } = openVersions();
    const giving = new AbortController();
    const waiting = versions.above('order-1', 0, { waitMsMax: 60_000, signal: giving.signal });
    giving.abort();
    expect(await waiting).toBeUndefined();
    expect(await versions.above('order-1', 0, { waitMsMax: 60_000, signal: giving.signal })).toBeUndefined();
  });
});
