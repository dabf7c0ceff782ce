import { describe, expect, it } from '@jest/globals';
import { ClientError } from '../../client/index.ts';
import { silentLogger } from '../../runtime/index.ts';
import { ManualClock } from '../../runtime/manual-clock.fake.ts';
import { MemoryGroupOffsets } from './group-offsets.fake.ts';
import { PublishedMarks } from './published-marks.ts';

const store = 'store-1';
const at = (offset: bigint) => ({ topic: 'orders', partition: 2, offset });
const mark = (position: bigint, storeId = store) => ({ storeId, position, messageId: `message-${position}` });

function bench() {
  const clock = new ManualClock();
  const offsets = new MemoryGroupOffsets();
  const warnings: string[] = [];
  const warn = (_fields: unknown, message?: string) => void warnings.push(String(message));
  const marks = new PublishedMarks({
    offsets,
    clock,
    logger: { ...silentLogger, warn },
    name: 'outbox',
    delayMs: 1_000,
  });
  return { clock, offsets, warnings, marks };
}

describe("a relay's marks", () => {
  it('are written once per delay: only the last one, at the offset after its record', async () => {
    const { clock, offsets, marks } = bench();
    marks.note(mark(7n), at(40n));
    marks.note(mark(9n), at(42n));
    await clock.advance(999);
    expect(offsets.commits).toEqual([]);
    await clock.advance(1);

    expect(offsets.commits).toEqual([
      {
        topic: 'orders',
        partition: 2,
        offset: 43n,
        metadata: '{"store":"store-1","position":"9","id":"message-9"}',
      },
    ]);
    expect(clock.timers).toBe(0);
  });

  it('are written again after a failure, unless there is a later mark', async () => {
    const { clock, offsets, marks } = bench();
    let broken = true;
    offsets.before = async () => {
      if (broken) throw new Error('the group has no coordinator');
    };
    marks.note(mark(7n), at(40n));
    await clock.advance(1_000);
    expect(offsets.commits).toEqual([]);
    broken = false;
    await clock.advance(1_000);
    expect(offsets.commits).toHaveLength(1);

    broken = true;
    marks.note(mark(8n), at(41n));
    await clock.advance(1_000);
    marks.note(mark(9n), at(42n));
    broken = false;
    await clock.advance(1_000);
    expect(offsets.commits.map(({ offset }) => offset)).toEqual([41n, 43n]);
  });

  it('are written without the delay when they are closed, and are not retried then', async () => {
    const { clock, offsets, marks } = bench();
    marks.note(mark(7n), at(40n));
    await marks.close();
    expect(offsets.commits).toHaveLength(1);

    offsets.before = async () => Promise.reject(new Error('the broker is away'));
    marks.note(mark(8n), at(41n));
    await marks.close();
    expect(clock.timers).toBe(0);
  });

  it('M45 are read as the highest mark of this database, whatever else the group has', async () => {
    const { offsets, marks } = bench();
    expect(await marks.highest(store)).toBeUndefined();
    for (const [position, storeId] of [
      [9n, store],
      [12n, 'store-2'],
      [10n, store],
      [8n, store],
    ] as const) {
      marks.note(mark(position, storeId), at(position));
      await marks.close();
    }
    offsets.commits.push({ ...at(1n), metadata: '{"store":"store-1"}' }, at(2n));

    expect(await marks.highest(store)).toEqual(mark(10n));
  });

  it('count as missing, with a warning, if the relay may not read them, while any other failure rejects', async () => {
    const { offsets, warnings, marks } = bench();
    offsets.before = async () => Promise.reject(new ClientError('access_refused', 'GROUP_AUTHORIZATION'));
    expect(await marks.highest(store)).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('would not notice a restored database')]);

    offsets.before = async () => Promise.reject(new ClientError('timeout', 'no answer'));
    await expect(marks.highest(store)).rejects.toMatchObject({ code: 'timeout' });
  });
});
