import { describe, expect, it } from '@jest/globals';
import type { FetchedRecord } from '@millrace/streaming-core/client';
import { hours, silentLogger, type Clock } from '@millrace/streaming-core/runtime';
import { CaughtUpState, type OwnedTask } from './caught-up-state.ts';
import { undecodedRecords } from './waiting-records.fixture.ts';

const place = { topic: 'changelog', partition: 0 };
const record: FetchedRecord = {
  ...place,
  offset: 7n,
  timestampMs: 1,
  key: Buffer.from('k'),
  value: Buffer.from('v'),
  headers: new Map(),
  headerList: [],
};

/**
 * A task whose state has 7 of the 8 offsets of a changelog, of which the last is a marker or a
 * record.
 */
function idleTask({ last = 'marker', stable = 8n }: { last?: 'marker' | 'record'; stable?: bigint } = {}) {
  let nowMs = 0;
  let hourly: (() => void) | undefined;
  let position = 7n;
  const seen = { kept: [] as bigint[], looks: 0 };
  const hooks = { hasWork: false, onFetch: () => {}, tasks: [] as OwnedTask[] };
  const task: OwnedTask = {
    get hasWork() {
      return hooks.hasWork;
    },
    changelogs: new Map([['counts', place]]),
    restoredOffset: () => position,
    restore: () => {
      throw new Error('the rows of another process must not be applied here');
    },
    keepRestored(offsets) {
      position = offsets.get('changelog')!;
      seen.kept.push(position);
    },
  };
  hooks.tasks.push(task);
  const clock: Clock = {
    now: () => nowMs,
    monotonic: () => 0,
    after(spanMs, work) {
      if (spanMs !== hours(1)) return () => {};
      hourly = work;
      return () => (hourly = undefined);
    },
  };
  const state = new CaughtUpState({
    reader: {
      beginningOffsets: async () => [{ ...place, offset: 0n }],
      endOffsets: async () => [{ ...place, offset: stable }],
      async fetchUndecoded() {
        hooks.onFetch();
        const records = undecodedRecords(last === 'record' ? [record] : []);
        return [{ ...place, records, nextOffset: 8n, highWatermark: 8n }];
      },
    },
    ends: {
      async endOffsets() {
        seen.looks += 1;
        return [{ ...place, offset: 8n }];
      },
    },
    clock,
    logger: silentLogger,
    tasks: () => hooks.tasks,
  });
  const passAnHour = async () => {
    nowMs += hours(1);
    hourly?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { state, hooks, seen, passAnHour, suspend: (spanMs: number) => (nowMs += spanMs) };
}

describe('the file of an idle task', () => {
  it('is stamped every hour as caught up, including the marker of the last transaction', async () => {
    const { state, seen, passAnHour } = idleTask();
    state.start();
    await passAnHour();
    await passAnHour();
    expect(seen.kept).toEqual([8n, 8n]);

    state.stop();
    await passAnHour();
    expect(seen.kept).toHaveLength(2);
  });

  it('is not stamped if another process has written to the changelog', async () => {
    const { state, seen } = idleTask({ last: 'record' });
    await state.keep();

    expect(seen.kept).toEqual([]);
  });

  it('is not stamped while its task works, because commits stamp it', async () => {
    const { state, hooks, seen } = idleTask();
    hooks.hasWork = true;
    await state.keep();

    expect(seen).toEqual({ kept: [], looks: 0 });
  });

  it.each<[string, (parts: ReturnType<typeof idleTask>) => void]>([
    ['began to work', ({ hooks }) => (hooks.hasWork = true)],
    ['was moved to another process', ({ hooks }) => hooks.tasks.pop()],
    ['was suspended with its process', ({ suspend }) => suspend(hours(30))],
  ])('is not stamped if its task %s during the check', async (_title, change) => {
    const parts = idleTask();
    parts.hooks.onFetch = () => change(parts);
    await parts.state.keep();

    expect(parts.seen.kept).toEqual([]);
  });
});
