import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { appendAll, batchOf, everything, logFolder, readAll } from '../data-folder/log-folder.fixture.ts';
import type { PartitionLog } from '../partition-log-port.ts';

const startMs = 1_700_000_000_000;
const dayMs = 86_400_000;
const outOfRange = expect.objectContaining({ errorName: 'OFFSET_OUT_OF_RANGE' });

async function startAt(partition: PartitionLog, offset: bigint): Promise<void> {
  while (partition.logStartOffset < offset) await new Promise<void>((resolve) => partition.onMoved(resolve));
}

/** A clock that moves only with `pass`, and whose timers fire only with `runTimers`. */
function handClock() {
  const due = new Map<number, () => void>();
  let nowMs = startMs;
  let timers = 0;
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    after(_: number, work: () => void) {
      const timer = (timers += 1);
      due.set(timer, work);
      return () => void due.delete(timer);
    },
    pass: (ms: number) => void (nowMs += ms),
    runTimers() {
      const works = [...due.values()];
      due.clear();
      for (const work of works) work();
    },
  };
}

describe('segments', () => {
  const suite = logFolder();
  const segmentCount = () => readdirSync(suite.folder).filter((name) => name.endsWith('.log')).length;
  const on = (day: number, value: string) => batchOf([value], { timestampMs: BigInt(startMs + day * dayMs) });

  it('are rolled when a record is segment.ms younger than their first one, by default a week', async () => {
    const clock = handClock();
    const partition = await suite.create(
      { 'message.timestamp.after.max.ms': String(100 * dayMs) },
      { clock },
    );
    await appendAll(partition, on(0, 'a'), on(7, 'b'));
    expect(segmentCount()).toBe(1);
    await appendAll(partition, on(7.1, 'c'));
    expect(segmentCount()).toBe(2);
    await suite.close();
    const reopened = await suite.reopen({ clock });
    await appendAll(reopened, on(14, 'd'));
    expect(segmentCount()).toBe(2);
    await appendAll(reopened, on(14.2, 'e'));
    expect(segmentCount()).toBe(3);
    expect(readAll(reopened)).toEqual(['0:a', '1:b', '2:c', '3:d', '4:e']);
  });

  it('are rolled earlier by a part of segment.jitter.ms', async () => {
    const clock = handClock();
    const configs = {
      'segment.ms': String(2 * dayMs),
      'segment.jitter.ms': String(dayMs),
      'message.timestamp.after.max.ms': '9999999999',
    };
    const partition = await suite.create(configs, { clock, random: () => 0.5 });
    await appendAll(partition, on(0, 'a'), on(1.5, 'b'));
    expect(segmentCount()).toBe(1);
    await appendAll(partition, on(1.6, 'c'));
    expect(segmentCount()).toBe(2);
  });

  it('are rolled when an index is full, even after a restart', async () => {
    const configs = { 'segment.index.bytes': '36', 'index.interval.bytes': '0' };
    const partition = await suite.create(configs);
    const fill = async (log: PartitionLog, from: number, to: number) => {
      for (let value = from; value < to; value += 1) await appendAll(log, on(value / dayMs, `${value}`));
    };
    await fill(partition, 0, 3);
    expect(segmentCount()).toBe(1); // two entries in each index: the first batch has none
    await fill(partition, 3, 4);
    expect(segmentCount()).toBe(2);
    await suite.close();
    const reopened = await suite.reopen();
    await fill(reopened, 4, 8);
    expect(segmentCount()).toBe(3);
    expect(readAll(reopened)).toHaveLength(8);
  });

  it('M31 keep a topic on a plateau: after eighty days it holds as many records as after forty', async () => {
    const clock = handClock();
    const partition = await suite.create({ 'message.timestamp.after.max.ms': '9999999999' }, { clock });
    const held: number[] = [];
    for (let day = 1; day <= 80; day += 1) {
      await appendAll(partition, batchOf([`${day}`], { timestampMs: BigInt(clock.now()) }));
      clock.pass(dayMs);
      // A segment has the records of eight days. It is deleted a week after the last of them.
      const deletedSegments = Math.max(0, Math.ceil((day - 14) / 8));
      while (partition.logStartOffset < 8 * deletedSegments) {
        clock.runTimers();
        await new Promise(setImmediate);
      }
      held.push(day - Number(partition.logStartOffset));
    }
    expect(Math.max(...held.slice(40))).toBe(Math.max(...held.slice(0, 40)));
    expect(Math.max(...held)).toBe(14);
    expect(segmentCount()).toBeLessThanOrEqual(3);
  });

  it('L17 are deleted at the next check once all their records are too old, and readers below the start get an error', async () => {
    const clock = handClock();
    const partition = await suite.create({ 'segment.ms': String(dayMs) }, { clock });
    for (const value of ['a', 'b', 'c']) {
      await appendAll(partition, batchOf([value], { timestampMs: BigInt(clock.now()) }));
      clock.pass(2 * dayMs);
    }
    expect(segmentCount()).toBe(3);
    clock.pass(2 * dayMs); // a is 8 days old, b 6
    clock.runTimers();
    await startAt(partition, 1n);
    expect(partition.logStartOffset).toBe(1n);
    expect(() => partition.read(0n, everything)).toThrow(outOfRange);
    expect(readAll(partition, 1n)).toEqual(['1:b', '2:c']);
    await suite.crash();
    const reopened = await suite.reopen({ clock });
    expect(reopened.logStartOffset).toBe(1n);
    expect(segmentCount()).toBe(2);
  });

  it('are reduced to an empty one when everything is too old, and offsets continue', async () => {
    const clock = handClock();
    const partition = await suite.create({}, { clock });
    await appendAll(partition, batchOf(['a', 'b']));
    clock.pass(8 * dayMs);
    clock.runTimers();
    await startAt(partition, 2n);
    expect(partition.logStartOffset).toEqual(2n);
    expect(partition.logEndOffset).toEqual(2n);
    await appendAll(partition, batchOf(['c']));
    await suite.close();
    expect(readAll(await suite.reopen({ clock }), 2n)).toEqual(['2:c']);
  });
});
