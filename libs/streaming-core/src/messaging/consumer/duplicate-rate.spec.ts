import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../runtime/manual-clock.fake.ts';
import { DuplicateRate } from './commit-batches.ts';

describe('DuplicateRate', () => {
  let clock: ManualClock;
  let rate: DuplicateRate;
  let offset = 0n;
  beforeEach(() => {
    clock = new ManualClock();
    rate = new DuplicateRate(clock, { duplicateEveryMs: 1_000, duplicatesMax: 3 });
  });

  const copy = (id: string, source = '/millrace/order') => ({
    id,
    source,
    topic: 'notes',
    partition: 0,
    offset: offset++,
  });

  it('M21 admits the only copy of a message, whatever other messages it has admitted', () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) expect(rate.admits(copy(id))).toBe(true);
    expect(rate.admits(copy('a', '/millrace/other'))).toBe(true);
  });

  it('admits one copy of a message per interval, however many arrive', async () => {
    const admitted: number[] = [];
    for (let second = 0; second < 3; second += 0.1) {
      if (rate.admits(copy('a'))) admitted.push(Math.round(second * 10) / 10);
      await clock.advance(100);
    }
    expect(admitted).toEqual([0, 1, 2]);
  });

  it('ignores the case of ids, as the inbox does', () => {
    expect(rate.admits(copy('abc'))).toBe(true);
    expect(rate.admits(copy('ABC'))).toBe(false);
  });

  it('admits the same record again, because its batch may be a retry', () => {
    const first = copy('a');
    expect([first, first, copy('a')].map((each) => rate.admits(each))).toEqual([true, true, false]);
  });

  it('remembers a limited number of messages and admits a forgotten one early', () => {
    for (const id of ['a', 'b', 'c']) rate.admits(copy(id));
    expect(rate.admits(copy('c'))).toBe(false);
    rate.admits(copy('d'));
    expect(['b', 'c', 'd', 'a'].map((id) => rate.admits(copy(id)))).toEqual([false, false, false, true]);
  });
});
