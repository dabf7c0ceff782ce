import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '@millrace/streaming-core/contract';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { within } from '@millrace/testing/within';
import { createStreamWatch, type StreamWatch } from './stream-watch.ts';

const until = within(5_000);
const never = new AbortController().signal;
const long = { waitMsMax: 60_000, signal: never };

/** What the streams' rows say, and every statement that asked. */
function openWatch(lookEveryMsMin = 1) {
  const versions = new Map<string, number>();
  const asked: string[][] = [];
  const times: number[] = [];
  const query = ((_text: string, [streams]: [string[]]) => {
    asked.push(streams);
    times.push(performance.now());
    const rows = streams
      .filter((id) => versions.has(id))
      .map((id) => ({ id, version: String(versions.get(id)) }));
    return Promise.resolve({ rows, rowCount: rows.length });
  }) as unknown as SqlDatabase['query'];
  const watch = createStreamWatch({
    database: { query },
    clock: systemClock,
    logger: silentLogger,
    idleMsMax: 20,
    lookEveryMsMin,
  });
  watch.start();
  open.push(watch);
  return { watch, versions, asked, times };
}

const open: StreamWatch[] = [];
afterEach(() => Promise.all(open.splice(0).map((watch) => watch.stop())));

describe('the watch on streams', () => {
  it('asks for all that anybody waits for in one statement, and for nothing when nobody waits', async () => {
    const { watch, versions, asked } = openWatch();
    const waiting = Array.from({ length: 200 }, (_, at) => watch.above(`order-${at % 100}`, 1, long));
    await until(() => asked.some((streams) => streams.length === 100));
    for (let at = 0; at < 100; at++) versions.set(`order-${at}`, 2);
    watch.notify();
    expect(await Promise.all(waiting)).toEqual(Array.from({ length: 200 }, () => 2));
    const statements = asked.length;
    watch.notify();
    await watch.stop();
    expect(asked.length).toBe(statements);
  });

  it('finds what nobody announced', async () => {
    const { watch, versions, asked } = openWatch();
    const waiting = watch.above('order-1', 0, long);
    await until(() => asked.length > 1);
    versions.set('order-1', 3);
    expect(await waiting).toBe(3);
  });

  it('looks for a flood of commits no more often than it is told', async () => {
    const { watch, times } = openWatch(40);
    const waiting = watch.above('order-1', 0, { waitMsMax: 250, signal: never });
    const flood = setInterval(() => watch.notify(), 1);
    expect(await waiting).toBeUndefined();
    clearInterval(flood);
    expect(times.length).toBeGreaterThan(1);
    for (const [at, time] of times.entries()) expect(time - (times[at - 1] ?? -Infinity)).toBeGreaterThan(38); // timers are early by a fraction
  });

  it('gives up when patience ends, at once when it had ended before', async () => {
    const { watch } = openWatch();
    const giving = new AbortController();
    const waiting = watch.above('order-1', 0, { waitMsMax: 60_000, signal: giving.signal });
    giving.abort();
    expect(await waiting).toBeUndefined();
    expect(await watch.above('order-1', 0, { waitMsMax: 60_000, signal: giving.signal })).toBeUndefined();
  });
});
