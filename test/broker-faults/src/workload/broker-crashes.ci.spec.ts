import { describe, expect, it } from '@jest/globals';
import { startRun } from '../start-run.ts';

describe('a broker that is killed again and again under producers and consumers', () => {
  const report = startRun('broker-crashes', 400_000);

  it('L63 loses nothing, stores nothing twice, and shows each consumer every record in order', () => {
    expect(report().problems).toEqual([]);
  });

  it('is killed, and acknowledges records in between', () => {
    const [{ tried, note } = { tried: 0, note: '' }] = report().rows;
    expect({ killed: tried >= 2, busy: Number(/^(\d+) records/.exec(note)?.[1]) > 100 }).toEqual({
      killed: true,
      busy: true,
    });
  });
  it('has transactions with every outcome that a client can report', () => {
    const { note = '' } = report().rows.find(({ what }) => what.startsWith('transactions')) ?? {};
    const [, committed, aborted] = /^(\d+) committed, (\d+) aborted/.exec(note) ?? [];
    expect({ committed: Number(committed) > 10, aborted: Number(aborted) > 2 }).toEqual({
      committed: true,
      aborted: true,
    });
  });
});
